"""What a link builds is what Werkzeug builds; where it does not know, it builds nothing."""

from __future__ import annotations

import datetime
import typing as t
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from erlen import Erlen
from erlen.declare.rules import RuleMap, UrlRule
from erlen.plan.links import Links
from tests.serve.beside import examples

UUID = uuid.UUID("0f81e3b4-5b1b-4d11-9fe0-2ab6e3f3b3d5")


class Reversed(BaseConverter):
    """A converter of an application."""

    def to_url(self, value: t.Any) -> str:
        return str(value)[::-1]


class Loud(str):
    """Text that says something else when it is asked for its text."""

    def __str__(self) -> str:
        return self.upper()


VARIABLES = (
    *("<a>", "<int:a>", "<path:a>", "<uuid:a>", "<float:a>", "<any(x, y, 'a b'):a>"),
    *(
        "<int(fixed_digits=3):a>",
        "<string(length=2):a>",
        "<int(signed=True):b>",
        "<b>",
        "<path:b>",
        "<reversed:b>",
        "<int(max=5):b>",
    ),
)
VALUES = (
    *(1, 0, -7, 10**30, True, 1.5, 1e22, float("inf"), UUID, str(UUID), None, b"x", 1j, object),
    *("", "x", "a b", "a/b", "//x", "é ü", "a?b#c", "100%", "a%20b", "x\ny", "\0", "\udc80"),
    *("~._-!$&'()*+,;=:@", ["x", None, 1], [], (1, "é"), {"x"}, Markup("<b>"), Loud("loud"), {"k": 1}),
    datetime.date(2026, 1, 1),
)
_rules = st.lists(
    st.fixed_dictionaries(
        {
            "rule": st.builds(
                lambda parts: f"/{''.join(parts)}",
                st.lists(st.sampled_from((*VARIABLES, *"/-%", "//", "page", "é ü", "x?y")), max_size=4),
            )
        },
        optional={
            "methods": st.sampled_from((["GET"], ["POST"], ["PUT", "POST"])),
            "defaults": st.dictionaries(
                st.sampled_from("abq"), st.sampled_from((1, "x", None, "é")), max_size=2
            ),
            "subdomain": st.sampled_from(("", "sub", "<a>")),
            "websocket": st.just(True),
            "build_only": st.just(True),
            "alias": st.just(True),
            "strict_slashes": st.booleans(),
            "merge_slashes": st.booleans(),
        },
    ),
    min_size=1,
    max_size=3,
)
_names = st.sampled_from(("a", "b", "q", "é&=", "self", ""))
_values = st.dictionaries(_names, st.sampled_from(VALUES), max_size=4)


def built(call: t.Callable[[], object]) -> object:
    try:
        return call()
    except Exception as error:
        return type(error)


@given(_rules, _values, st.sampled_from(("GET", "POST", "HEAD")), st.booleans())
@examples(300)
def test_a_link_builds_what_werkzeug_builds(
    rules: list[dict[str, t.Any]], values: dict[str, t.Any], method: str, sorts: bool
) -> None:
    url_map = RuleMap(converters={"reversed": Reversed}, sort_parameters=sorts)
    for options in rules:
        try:
            url_map.add(UrlRule(options.pop("rule"), endpoint="page", **options))
        except Exception:
            return  # refused: no rule of an application
    link = Links(url_map).of("page")
    if link is None:
        return
    path = link.build(values, method)
    if path is not None:
        adapter = url_map.bind("erlen.test", subdomain=link.domain, default_method=method)
        assert built(lambda: adapter.build("page", values)) == f"/{path}"


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("/", {}, ""),
        ("/a b/é", {}, "a%20b/%C3%A9"),
        ("/one/<name>", {"name": "ada"}, "one/ada"),
        ("/one/<name>/", {"name": "a/b ü?"}, "one/a/b%20%C3%BC%3F/"),
        ("/one/<name>", {"name": 7, "q": None}, "one/7"),
        ("/<path:rest>", {"rest": "//x/y"}, "x/y"),
        ("/n/<int:n>", {"n": 41, "q": "a b", "page": 2}, "n/41?q=a+b&page=2"),
        ("/u/<uuid:u>", {"u": UUID}, f"u/{UUID}"),
        ("/is/<any(x, y):a>", {"a": "y"}, "is/y"),
    ],
)
def test_usual_rules_and_values_need_no_help(rule: str, values: dict[str, t.Any], expected: str) -> None:
    assert Links(RuleMap([UrlRule(rule, endpoint="page")])).of("page").build(values, "GET") == expected  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "values",
    [
        *({}, {"n": None}, {"n": "7"}, {"n": True}, {"n": Loud("1")}),
        *({"n": 7, "q": ["x", "y"]}, {"n": 7, "q": "\udc80"}),
    ],
)
def test_unusual_values_are_left_to_werkzeug(values: dict[str, t.Any]) -> None:
    link = Links(RuleMap([UrlRule("/<int:n>", endpoint="page")])).of("page")
    assert link is not None
    assert link.build(values, "GET") is None


class Twice(IntegerConverter):
    """Werkzeug's converter, with more to it."""


@pytest.mark.parametrize(
    "rules",
    [
        [Rule("/x", endpoint="page")],
        [UrlRule("/x", endpoint="page", websocket=True)],
        [UrlRule("/<reversed:x>", endpoint="page")],
        [UrlRule("/<twice:x>", endpoint="page")],
        [UrlRule("/<float:x>", endpoint="page")],
        [UrlRule("/<int(fixed_digits=2):x>", endpoint="page")],
        [UrlRule("/x", endpoint="page", subdomain="<name>")],
        [UrlRule("/x", endpoint="page"), UrlRule("/y", endpoint="page", subdomain="sub")],
        [UrlRule("/<int:x>", endpoint="page", defaults={"x": "1"})],
        [UrlRule("/x", endpoint="another")],
    ],
    ids=str,
)
def test_unusual_rules_are_left_to_werkzeug(rules: list[Rule]) -> None:
    url_map = RuleMap(rules, converters={"reversed": Reversed, "twice": Twice})
    links = Links(url_map)
    assert links.of("page") is None
    assert links.of("page") is None
    assert links.known == {}


@pytest.mark.parametrize("option", ["sort_parameters", "host_matching"])
def test_unusual_maps_are_left_to_werkzeug(option: str) -> None:
    assert Links(RuleMap([UrlRule("/x", endpoint="page")], **{option: True})).of("page") is None


def test_a_converter_with_a_function_of_its_own_is_left_to_werkzeug() -> None:
    rule = UrlRule("/<any(x, y):a>", endpoint="page")
    url_map = RuleMap([rule])
    converter = rule.converter_of("a")
    assert isinstance(converter, AnyConverter)
    converter.to_url = lambda value: "own"  # type: ignore[method-assign]
    assert Links(url_map).of("page") is None


def test_the_items_of_a_choice_may_be_changed() -> None:
    rule = UrlRule("/<any(x, y):a>", endpoint="page")
    link = Links(RuleMap([rule])).of("page")
    converter = rule.converter_of("a")
    assert link is not None
    assert isinstance(converter, AnyConverter)
    assert link.build({"a": "z"}, "GET") is None
    converter.items.add("z")
    assert link.build({"a": "z"}, "GET") == "z"


def test_names_that_no_rule_has_are_not_kept() -> None:
    links = Links(RuleMap([UrlRule("/x", endpoint="page")]))
    before = vars_of(links)
    for number in range(100):
        assert links.of(f"unknown{number}") is None
    assert vars_of(links) == before


def vars_of(links: Links) -> dict[str, t.Any]:
    return {name: repr(getattr(links, name)) for name in Links.__slots__}


def test_links_are_kept_while_the_rules_are_the_same() -> None:
    app = Erlen(__name__)
    app.add_url_rule("/x", "page", str)
    first = app.request_planner.current(app).links
    app.config["X"] = 1
    app.before_request(str)
    assert app.request_planner.current(app).links is first
    app.add_url_rule("/y", "other", str)
    assert app.request_planner.current(app).links is not first
