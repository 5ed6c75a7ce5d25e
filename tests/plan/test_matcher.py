"""The matcher finds what Werkzeug's map finds: the same rule, the same values, the same exception."""

from __future__ import annotations

import re
import typing as t
from contextlib import suppress

import pytest
from hypothesis import given
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import BaseConverter, Map, RequestRedirect, Rule, Subdomain, Submount

from erlen import Erlen
from erlen.plan.matcher import AskWerkzeug, Matcher
from tests.plan.rulesets import Asked, RuleSet, cases
from tests.serve.beside import environ, examples

Outcome: t.TypeAlias = tuple[t.Any, ...]


def of_exception(error: Exception) -> Outcome:
    if isinstance(error, MethodNotAllowed):
        return type(error), list(error.valid_methods or ())
    if isinstance(error, RequestRedirect):
        return type(error), error.code, error.new_url
    if isinstance(error, HTTPException):
        return type(error), error.description
    return (type(error),)


def of_values(rule: Rule, values: t.Mapping[str, t.Any]) -> Outcome:
    return rule, [(name, type(value), value) for name, value in values.items()]


def by_werkzeug(app: Erlen, given: dict[str, t.Any]) -> Outcome:
    try:
        adapter = app.create_url_adapter(app.request_class(given))
        assert adapter is not None
        return of_values(*adapter.match(return_rule=True))
    except Exception as error:
        return of_exception(error)


def by_erlen(app: Erlen, given: dict[str, t.Any]) -> Outcome:
    """What a request finds, before anything has looked at it."""
    context = app.request_context(given)
    try:
        context.push()
        request = context.request
        if request.routing_exception is not None:
            return of_exception(request.routing_exception)
        assert request.url_rule is not None
        assert request.view_args is not None
        return of_values(request.url_rule, request.view_args)
    except Exception as error:
        return of_exception(error)
    finally:
        context.pop()


def assert_same(app: Erlen, given: dict[str, t.Any]) -> Outcome:
    expected = by_werkzeug(app, dict(given))
    # Cold, then warm: what was found once is remembered.
    for _ in range(2):
        assert by_erlen(app, dict(given)) == expected
    return expected


@pytest.mark.filterwarnings("ignore:Current server name:UserWarning")
@given(cases())
@examples(90)
def test_matching_is_werkzeugs(case: tuple[RuleSet, list[Asked]]) -> None:
    rules, requests = case
    app = rules.application()
    for asked in requests:
        assert_same(app, asked.environ())


@pytest.mark.parametrize("merge", [True, False])
def test_methods_are_named_in_the_order_in_which_werkzeug_names_them(merge: bool) -> None:
    """A set has its own order, which depends on how it was filled: a search, or two where slashes merge."""
    app = serving(merge_slashes=merge)
    for number in range(40):
        for half in range(2):
            methods = [f"M{number}X{half}Y{other}" for other in range(2 + number % 4)]
            app.url_map.add(app.url_rule_class(f"/{number}/<word>", endpoint="any", methods=methods))
    for number in range(40):
        assert_same(app, environ(f"/{number}/a", method="DELETE"))


# what the tree answers by itself


def serving(*rules: Rule | str, **settings: object) -> Erlen:
    """Make an application of rules; a text is a rule whose endpoint is the text."""
    app = Erlen(__name__, static_folder=None)
    for name, value in settings.items():
        setattr(app.url_map, name, value)
    for rule in rules:
        app.url_map.add(app.url_rule_class(rule, endpoint=rule) if isinstance(rule, str) else rule)
    return app


RULES = (
    "/",
    "/about",
    "/docs/",
    "/users/<name>",
    "/users/me",
    "/users/<name>/posts/<int:n>",
    "/files/<path:path>",
    "/<lang>/docs/<version>.html",
    "/sizes/<float:size>",
    "/either/<any(one, two):word>",
)


@pytest.mark.parametrize(
    ("path", "rule", "values"),
    [
        ("/", "/", {}),
        ("/about", "/about", {}),
        ("/docs/", "/docs/", {}),
        ("/users/ada", "/users/<name>", {"name": "ada"}),
        ("/users/me", "/users/me", {}),
        ("/users/me/posts/7", "/users/<name>/posts/<int:n>", {"name": "me", "n": 7}),
        ("/files/a/b.txt", "/files/<path:path>", {"path": "a/b.txt"}),
        ("/en/docs/3.1.html", "/<lang>/docs/<version>.html", {"lang": "en", "version": "3.1"}),
        ("/sizes/1.50", "/sizes/<float:size>", {"size": 1.5}),
        ("/either/two", "/either/<any(one, two):word>", {"word": "two"}),
    ],
)
def test_the_tree_answers_common_paths_without_werkzeug(
    path: str, rule: str, values: dict[str, object]
) -> None:
    domain = Matcher(serving(*RULES).url_map).domain("")
    assert domain is not None
    match = domain.match(path, "GET")
    assert isinstance(match, tuple)
    leaf, found = match
    assert leaf.rule.rule == rule
    assert found == values


@pytest.mark.parametrize("path", ["/nobody", "/users", "/users/ada/posts/x", "/either/three", "/about/us"])
def test_the_tree_knows_what_is_not_there(path: str) -> None:
    domain = Matcher(serving(*RULES).url_map).domain("")
    assert domain is not None
    assert type(domain.match(path, "GET")) is NotFound


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/", {"GET", "HEAD", "OPTIONS"}),
        ("/about", {"GET", "HEAD", "OPTIONS"}),
        ("/users/ada", {"GET", "HEAD", "OPTIONS"}),
        ("/users/ada/posts/7", {"GET", "HEAD", "OPTIONS"}),
        ("/both", {"GET", "HEAD", "OPTIONS", "PUT"}),
        ("/files/a/b", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_the_tree_knows_which_methods_a_path_takes(path: str, methods: set[str]) -> None:
    app = Erlen(__name__, static_folder=None)
    for rule in (*RULES, "/both"):
        app.add_url_rule(rule, rule)
    app.add_url_rule("/both", "put", methods=["PUT"])
    domain = Matcher(app.url_map).domain("")
    assert domain is not None
    error = domain.match(path, "POST")
    assert type(error) is MethodNotAllowed
    assert error.valid_methods is not None
    assert set(error.valid_methods) == methods


def test_a_method_that_was_added_to_a_rule_in_place_is_found() -> None:
    app = Erlen(__name__, static_folder=None)
    app.add_url_rule("/about", "about", lambda: "about")
    client = app.test_client()
    assert client.post("/about").status_code == 405
    rule = next(app.url_map.iter_rules("about"))
    assert rule.methods is not None
    rule.methods.add("POST")
    assert client.post("/about").status_code == 200


UNUSUAL = {
    "another method": Rule("/a", endpoint="a", methods=["POST"]),
    "a missing slash": Rule("/a/", endpoint="a"),
    "a foreign rule": Rule("/a", endpoint="a"),
    "a WebSocket": Rule("/a", endpoint="a", websocket=True),
    "an alias": Rule("/a", endpoint="a", alias=True),
    "a redirect": Rule("/a", endpoint="a", redirect_to="b"),
}


@pytest.mark.parametrize("rule", UNUSUAL.values(), ids=UNUSUAL)
def test_the_tree_leaves_to_werkzeug_what_needs_an_explanation(rule: Rule) -> None:
    domain = Matcher(serving(rule.empty()).url_map).domain("")
    assert domain is not None
    with pytest.raises(AskWerkzeug):
        domain.match("/a", "GET")


def test_paths_without_variables_are_looked_up_in_a_dict_once_they_were_asked_for() -> None:
    app = Erlen(__name__, static_folder=None)
    for rule in RULES:
        app.add_url_rule(rule, rule)
    domain = Matcher(app.url_map).domain("")
    assert domain is not None
    assert not domain.static
    for path in ("/", "/about", "/docs/", "/users/me", "/users/ada", "/files/a", "/users/me/posts/7"):
        domain.match(path, "GET")
    assert set(domain.static) == {"/", "/about", "/docs/", "/users/me"}
    for path in ("/nobody", "/about/us", "//about", "/ABOUT"):
        with suppress(AskWerkzeug):
            assert type(domain.match(path, "GET")) is NotFound
    assert set(domain.static) == {"/", "/about", "/docs/", "/users/me"}


def test_domains_with_variables_are_werkzeugs() -> None:
    assert Matcher(serving(Rule("/", endpoint="a", subdomain="<x>")).url_map).domain("a") is None


def test_domains_that_no_rule_has_are_not_remembered() -> None:
    matcher = Matcher(serving("/").url_map)
    assert matcher.domain("") is matcher.domain("")
    assert matcher.domain("from outside") is not matcher.domain("from outside")


# a request beside Werkzeug, case by case


def asked(app: Erlen, path: str, **kwargs: t.Any) -> Outcome:
    given = environ(**kwargs)
    given["PATH_INFO"] = path.encode().decode("latin1")
    return assert_same(app, given)


@pytest.mark.parametrize(
    "path", ["", "/", "//", "///", "a", "a/", "/a//", "//a", "/a///b", "/é", "/a\n", "/\0"]
)
@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize("strict", [True, False])
def test_slashes_are_werkzeugs(path: str, merge: bool, strict: bool) -> None:
    app = serving("/", "/a/", "/a/b", "/<x>/c/", "/a/<path:rest>", merge_slashes=merge, strict_slashes=strict)
    asked(app, path)


@pytest.mark.parametrize("path", [b"/\xff", b"/a\xc3", b"/\xc3\xa9", b"/\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_replaced_as_werkzeug_replaces_them(path: bytes) -> None:
    given = environ()
    given["PATH_INFO"] = path.decode("latin1")
    assert_same(serving("/<text>"), given)


def test_a_missing_path_is_an_empty_one() -> None:
    given = environ()
    del given["PATH_INFO"]
    assert_same(serving("/"), given)


def test_a_number_too_long_for_python_matches_nothing() -> None:
    assert asked(serving("/<int:n>"), "/" + "1" * 5000)[0] is NotFound


def test_a_rule_with_two_leading_slashes_is_never_found() -> None:
    assert asked(serving("//a", merge_slashes=False), "//a")[0] is NotFound


def test_a_request_of_scheme_ws_only_meets_websocket_rules() -> None:
    assert asked(serving("/a"), "/a", base_url="ws://localhost")[0] is not None


def test_a_handshake_only_meets_websocket_rules() -> None:
    headers = {"Connection": "keep-alive, Upgrade", "Upgrade": "websocket"}
    app = serving("/a", Rule("/b", endpoint="b", websocket=True))
    assert asked(app, "/b", headers=headers)[0].endpoint == "b"
    asked(app, "/a", headers=headers)
    asked(app, "/b")


def test_what_a_converter_raises_answers_the_request() -> None:
    class Gone(BaseConverter):
        def to_python(self, value: str) -> str:
            raise NotFound("gone")

    app = serving()
    app.url_map.converters["gone"] = Gone
    app.url_map.add(app.url_rule_class("/<gone:x>", endpoint="x"))
    assert asked(app, "/a") == (NotFound, "gone")


def test_groups_with_names_in_a_converters_expression_are_no_variables() -> None:
    class Date(BaseConverter):
        regex = r"(?P<year>\d{4})-(?P<month>\d\d)"

    app = serving()
    app.url_map.converters["date"] = Date
    app.url_map.add(app.url_rule_class("/<date:x>-<y>", endpoint="x"))
    assert asked(app, "/2026-07-b")[1] == [("x", str, "2026-07"), ("y", str, "b")]


def test_an_invalid_expression_is_an_error_of_its_own_rule_only() -> None:
    class Broken(BaseConverter):
        regex = "("

    app = serving("/fine")
    app.url_map.converters["broken"] = Broken
    app.url_map.add(app.url_rule_class("/deep/<broken:x>", endpoint="x"))
    assert asked(app, "/fine")[0].endpoint == "/fine"
    assert asked(app, "/deep/1") == (re.error,)


def test_the_first_of_two_equal_rules_is_found() -> None:
    app = serving()
    first, second = (app.url_rule_class("/<x>", endpoint=name) for name in "ab")
    app.url_map.add(first)
    app.url_map.add(second)
    assert asked(app, "/1")[0] is first


def test_rules_may_come_in_submounts_and_subdomains() -> None:
    app = serving(strict_slashes=False)
    rule = app.url_rule_class("/<x>", endpoint="x")
    app.url_map.add(Subdomain("www", [Submount("/deep", [rule])]))
    app.subdomain_matching = True
    app.config["SERVER_NAME"] = "erlen.test"
    assert asked(app, "/deep/1", base_url="http://www.erlen.test")[0].endpoint == "x"
    assert asked(app, "/deep/1", base_url="http://erlen.test")[0] is NotFound


# rules that change


def changed(app: Erlen, change: t.Callable[[Rule], object], path: str = "/a", **kwargs: t.Any) -> None:
    """Ask before and after a change of the application's only rule."""
    before = asked(app, path, **kwargs)
    change(next(app.url_map.iter_rules()))
    assert asked(app, path, **kwargs) != before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("methods", {"POST"}),
        ("defaults", {"n": 1}),
        ("redirect_to", "b"),
        ("websocket", True),
        ("alias", True),
    ],
)
@pytest.mark.parametrize("foreign", [False, True], ids=["own", "foreign"])
def test_an_attribute_of_a_rule_may_be_set_later(name: str, value: object, foreign: bool) -> None:
    app = serving(Rule("/a", endpoint="a") if foreign else "/a")
    if name == "alias":
        app.url_map.add(app.url_rule_class("/b", endpoint=next(app.url_map.iter_rules()).endpoint))
    changed(app, lambda rule: setattr(rule, name, value))


def test_strict_slashes_of_a_rule_may_be_set_later() -> None:
    changed(serving("/a/"), lambda rule: setattr(rule, "strict_slashes", False))


def test_a_method_may_be_added_to_a_rule_in_place() -> None:
    app = serving()
    app.url_map.add(app.url_rule_class("/a", endpoint="a", methods=["GET"]))
    changed(app, lambda rule: t.cast("set[str]", rule.methods).add("POST"), method="POST")


def test_a_method_may_be_taken_from_a_rule_in_place() -> None:
    app = serving()
    app.url_map.add(app.url_rule_class("/a", endpoint="a", methods=["GET", "POST"]))
    changed(app, lambda rule: t.cast("set[str]", rule.methods).discard("POST"), method="POST")


def test_the_defaults_of_a_rule_may_change_in_place() -> None:
    app = serving(redirect_defaults=False)
    app.url_map.add(app.url_rule_class("/a", endpoint="a", defaults={"n": 1}))
    changed(app, lambda rule: t.cast("dict[str, int]", rule.defaults).update(n=2))


@pytest.mark.parametrize(
    ("name", "path"), [("strict_slashes", "/a/"), ("merge_slashes", "/b//c"), ("redirect_defaults", "/d/1")]
)
def test_a_setting_of_the_map_may_change_later(name: str, path: str) -> None:
    app = serving("/a", "/b/c", "/d/<int:n>")
    app.url_map.add(app.url_rule_class("/d", endpoint="/d/<int:n>", defaults={"n": 1}))
    asked(app, path)
    setattr(app.url_map, name, not getattr(app.url_map, name))
    asked(app, path)


def test_a_rule_may_be_added_to_the_map_after_a_request() -> None:
    app = serving("/a")
    assert asked(app, "/b")[0] is NotFound
    app.url_map.add(Rule("/b", endpoint="b"))
    assert asked(app, "/b")[0].endpoint == "b"
    app.url_map.add(app.url_rule_class("/c", endpoint="c"))
    assert asked(app, "/c")[0].endpoint == "c"


def test_a_map_of_somebody_elses_class_is_asked_itself() -> None:
    class Shouting(Map):
        def bind_to_environ(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            adapter = super().bind_to_environ(*args, **kwargs)
            adapter.path_info = adapter.path_info.upper()
            return adapter

    app = serving("/a")
    asked(app, "/a")
    app.url_map = Shouting([Rule("/A", endpoint="loud")])
    assert asked(app, "/a")[0].endpoint == "loud"


def test_a_plain_map_may_get_rules_later() -> None:
    app = serving("/a")
    asked(app, "/a")
    app.url_map = Map([Rule("/b", endpoint="b")])
    assert asked(app, "/b")[0].endpoint == "b"
    app.url_map.add(Rule("/c", endpoint="c"))
    assert asked(app, "/c")[0].endpoint == "c"
