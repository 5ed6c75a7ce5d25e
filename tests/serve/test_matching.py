"""Hosts are judged, and paths found, as in Flask."""

from __future__ import annotations

import typing as t

import pytest
import werkzeug.routing.map
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import SecurityError
from werkzeug.wsgi import get_host

import erlen
from erlen import Erlen
from erlen.gateway.asgi import context as asgi_context
from erlen.plan.matcher import Matcher
from erlen.serve import matching, urls
from erlen.wrappers import safe
from tests.gateway.asgi.driver import ask_once, http
from tests.protocols.web import in_a_thread
from tests.serve.beside import Framework, beside_flask, call, environ, examples, told_alike


def answer_for(app: t.Any, host: str | None, path: str = "/", **others: t.Any) -> object:
    """Ask with a Host header as it is, or without one."""
    given = environ(path)
    given.update(others)
    given.pop("HTTP_HOST")
    if host is not None:
        given["HTTP_HOST"] = host
    try:
        answer = call(app, given)
    except Exception as error:
        return type(error)
    return answer.status, answer.body, dict(answer.headers).get("Location")


def hosted(framework: Framework, **config: object) -> t.Any:
    app = framework.Flask("app", subdomain_matching=bool(config.pop("subdomain_matching", False)))
    app.config.update(config)
    app.before_request(lambda: None)
    app.add_url_rule("/", "view", lambda: framework.request.host)
    app.add_url_rule("/plain", "plain", lambda: "plain")
    app.add_url_rule("/slash/", "slash", lambda: "slash")
    app.add_url_rule("/sub", "sub", lambda: framework.url_for("plain", _external=True), subdomain="sub")
    return app


# That warning is Werkzeug's, and comes with every request for such a host.
pytestmark = pytest.mark.filterwarnings("ignore:Current server name:UserWarning")

_hosts = st.one_of(
    st.sampled_from(
        (
            *("erlen.test", "sub.erlen.test", "erlen.test:80", "erlen.test:8000", "ERLEN.test", "other.test"),
            *(
                "",
                ":80",
                "erlen.test:",
                "a_b.test",
                "a b.test",
                "müller.test",
                "m\xfcller.test",
                "xn--mller-kva",
            ),
            *(
                "evil.test/erlen.test",
                "evil@erlen.test",
                "[::1]",
                "[::1]:80",
                "::1",
                "erlen.test\n",
                "erlen.test.",
            ),
            *("a" * 70 + ".test", "..", "-", "\xff", "erlen.test#", "127.0.0.1:5000", None),
        )
    ),
    st.text("abc.:-_/@[]é ", max_size=8),
)
_configs = st.fixed_dictionaries(
    {"subdomain_matching": st.booleans()},
    optional={
        "SERVER_NAME": st.sampled_from(("erlen.test", "erlen.test:8000", "ERLEN.test")),
        "TRUSTED_HOSTS": st.sampled_from((["erlen.test"], [".erlen.test"], ["erlen.test", "other.test"], [])),
    },
)


@given(_configs, st.lists(_hosts, min_size=1, max_size=6), st.sampled_from(("http", "https", "ws", "x")))
@examples(40)
def test_any_host_is_judged_as_in_flask(
    config: dict[str, t.Any], hosts: list[str | None], scheme: str
) -> None:
    def story(framework: Framework) -> object:
        app = hosted(framework, **config)
        return [
            answer_for(app, host, path, **{"wsgi.url_scheme": scheme})
            for host in (*hosts, *hosts)
            for path in ("/", "/plain", "/sub", "/slash", "/nowhere")
        ]

    told_alike(story)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("TRUSTED_HOSTS", "set"),
        ("TRUSTED_HOSTS", "replaced"),
        ("TRUSTED_HOSTS", "in place"),
        ("SERVER_NAME", "set"),
        ("SERVER_NAME", "replaced"),
    ],
)
def test_a_verdict_on_a_host_goes_with_the_configuration(name: str, change: str) -> None:
    def story(framework: Framework) -> object:
        app = hosted(framework, subdomain_matching=True, **{name: ["erlen.test", "sub.erlen.test"]})
        app.config["SERVER_NAME"] = "erlen.test"
        told = [answer_for(app, host, "/sub") for host in ("erlen.test", "sub.erlen.test")]
        new = ["erlen.test"] if name == "TRUSTED_HOSTS" else "sub.erlen.test"
        if change == "set":
            app.config[name] = new
        elif change == "replaced":
            app.config = framework.Config(app.root_path, {**app.config, name: new})
        else:
            app.config[name].remove("sub.erlen.test")
        return [*told, *(answer_for(app, host, "/sub") for host in ("erlen.test", "sub.erlen.test"))]

    told = told_alike(story)
    assert told[:2] != told[2:]


@beside_flask
def test_a_request_class_may_trust_hosts_as_it_likes(framework: Framework) -> object:
    trusted = ["erlen.test"]

    class Request(framework.Request):  # type: ignore[misc]
        @property
        def trusted_hosts(self) -> list[str]:
            return trusted

    app = hosted(framework)
    app.request_class = Request
    told = [answer_for(app, "erlen.test", "/plain")]
    trusted[:] = ["other.test"]
    return [*told, answer_for(app, "erlen.test", "/plain"), answer_for(app, "other.test", "/plain")]


@beside_flask
def test_a_refused_host_is_an_error_of_the_request_after_its_hooks(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.config["TRUSTED_HOSTS"] = ["erlen.test"]
    app.before_request(lambda: log.append(type(framework.request.routing_exception).__name__))
    app.register_error_handler(400, lambda error: (f"refused {type(error).__name__}", 400))
    app.after_request(lambda response: (log.append(response.status), response)[1])
    app.teardown_request(lambda error: log.append(repr(error)))
    app.add_url_rule("/", "view", lambda: "never")
    return [answer_for(app, "evil.test"), answer_for(app, "evil.test"), answer_for(app, "erlen.test"), log]


def test_hosts_from_outside_are_not_all_remembered() -> None:
    app = Erlen("app")
    app.add_url_rule("/", "view", lambda: "")
    for n in range(600):
        assert answer_for(app, f"{n}.test") == ("200 OK", b"", None)
    assert len(app.request_planner.current(app).domains) <= 256


def test_refused_hosts_are_not_remembered() -> None:
    app = Erlen("app")
    app.config["TRUSTED_HOSTS"] = ["erlen.test"]
    app.add_url_rule("/", "view", lambda: "")
    for host in ("evil.test", "a b", "", "erlen.test/x"):
        assert answer_for(app, host)[0] == "400 BAD REQUEST"  # type: ignore[index]
    assert len(app.request_planner.current(app).domains) == 0


@pytest.mark.parametrize("port", ["80", "8000", "443"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_host_header_the_server_says_where_it_is(port: str, scheme: str) -> None:
    def story(framework: Framework) -> object:
        app = hosted(framework)
        server = {"SERVER_NAME": "erlen.test", "SERVER_PORT": port, "wsgi.url_scheme": scheme}
        return [answer_for(app, None, path, **server) for path in ("/", "/slash", "/plain", "/")]

    told_alike(story)


@beside_flask
def test_host_matching_takes_hosts_literally(framework: Framework) -> object:
    app = framework.Flask("app", static_folder=None, host_matching=True)
    app.config["SERVER_NAME"] = "ignored.test"
    app.add_url_rule("/", "one", lambda: "one", host="one.test")
    app.add_url_rule("/", "port", lambda: "port", host="one.test:8000")
    app.add_url_rule("/", "any", lambda user: f"any {user}", host="<user>.any.test")
    hosts = (
        "one.test",
        "ONE.test",
        "one.test:80",
        "one.test:8000",
        "ada.any.test",
        "any.test",
        "ignored.test",
    )
    return [answer_for(app, host) for host in (*hosts, *hosts)]


@beside_flask
def test_a_default_subdomain_is_the_one_of_rules_without(framework: Framework) -> object:
    app = framework.Flask("app", static_folder=None, subdomain_matching=True)
    app.url_map.default_subdomain = "www"
    app.config["SERVER_NAME"] = "erlen.test"
    app.add_url_rule("/", "view", lambda: "www")
    app.add_url_rule("/api", "api", lambda: "api", subdomain="api")
    told = [
        answer_for(app, host, path)
        for host in ("www.erlen.test", "erlen.test", "api.erlen.test")
        for path in ("/", "/api")
    ]
    app.subdomain_matching = False
    return [*told, answer_for(app, "www.erlen.test"), answer_for(app, "any.test")]


@beside_flask
def test_a_mounted_application_redirects_below_its_prefix(framework: Framework) -> object:
    app = hosted(framework)
    prefix = {"SCRIPT_NAME": "/pre fix", "QUERY_STRING": "a=1&b=%20"}
    return [answer_for(app, "erlen.test", path, **prefix) for path in ("/slash", "/plain", "", "//slash")]


@pytest.mark.parametrize("where", ["class", "subclass"])
def test_trusted_hosts_may_be_set_on_the_request_class_later(where: str) -> None:
    def story(framework: Framework) -> object:
        app = hosted(framework)
        if where == "subclass":
            app.request_class = type("Mine", (framework.Request,), {})
        told = [answer_for(app, host, "/plain") for host in ("erlen.test", "other.test")]
        app.request_class.trusted_hosts = ["erlen.test"]
        try:
            told += [answer_for(app, host, "/plain") for host in ("erlen.test", "other.test")]
        finally:
            del app.request_class.trusted_hosts
        return [*told, answer_for(app, "other.test", "/plain")]

    told_alike(story)


PATHS = ("/fixed", "/items/7", "/items/7/parts/b", "/nowhere")
METHODS = ("GET", "get", "HEAD", "POST", "post", "OPTIONS", "options", "Options", "PUT", "BREW")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("change", [None, "discard", "add", "replace"])
def test_methods_are_taken_in_any_letters_and_may_be_changed_in_place(path: str, change: str | None) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask(__name__, static_folder=None)
        for rule in ("/fixed", "/items/<int:item>", "/items/<item>/parts/<part>"):
            app.add_url_rule(rule, rule, lambda **values: str(values), methods=["GET", "POST"])
        told = [answer(app, method) for method in METHODS]
        for rule in app.url_map.iter_rules():
            if change == "discard":
                rule.methods.discard("GET")
            elif change == "add":
                rule.methods.add("PUT")
            elif change == "replace":
                rule.methods = {"PUT"}
        return told + [answer(app, method) for method in METHODS]

    def answer(app: t.Any, method: str) -> object:
        given = environ(path)
        given["REQUEST_METHOD"] = method
        status, headers, body = call(app, given)
        allowed = [sorted(value.split(", ")) for name, value in headers if name == "Allow"]
        return status, allowed, body

    told_alike(story)


# verdicts on hosts, while other threads change the list of those that are trusted


def trusting(*hosts: str) -> tuple[Erlen, list[str]]:
    app, trusted = Erlen("app"), list(hosts)
    app.config["TRUSTED_HOSTS"] = trusted
    app.add_url_rule("/", "view", lambda: "view")

    async def coroutine() -> str:
        return "view"

    app.add_url_rule("/loop", "loop", coroutine)
    return app, trusted


WAYS: dict[str, t.Callable[[Erlen, str], int]] = {
    "wsgi": lambda app, host: int(answer_for(app, host)[0][:3]),  # type: ignore[index]
    "asgi": lambda app, host: ask_once(app, http("/", headers=[(b"host", host.encode())])).status,
    "asgi, coroutine": lambda app, host: (
        ask_once(app, http("/loop", headers=[(b"host", host.encode())])).status
    ),
}


@pytest.fixture(params=WAYS)
def ask_for(request: pytest.FixtureRequest) -> t.Callable[[Erlen, str], int]:
    return WAYS[request.param]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[t.Callable[[], object]]]:
    """What other threads do just before, and just after, the next host is judged."""
    others: dict[str, list[t.Callable[[], object]]] = {"before": [], "after": []}

    def judging(*args: t.Any) -> str:
        before, after = others["before"], others["after"]
        others.update(before=[], after=[])
        for act in before:
            act()
        try:
            return get_host(*args)
        finally:
            for act in after:
                act()

    for module in (urls, asgi_context):
        if hasattr(module, "get_host"):
            monkeypatch.setattr(module, "get_host", judging)
    return others


def test_a_host_that_is_taken_off_the_list_while_it_is_judged_is_not_trusted_later(
    ask_for: t.Callable[[Erlen, str], int], meanwhile: dict[str, list[t.Callable[[], object]]]
) -> None:
    app, trusted = trusting("good.test", "evil.test")
    meanwhile["after"] = [
        lambda: trusted.remove("evil.test"),
        # Another request notices that the list has changed.
        lambda: in_a_thread(lambda: ask_for(app, "good.test")),
    ]
    ask_for(app, "evil.test")
    assert not meanwhile["after"]
    for _ in range(2):
        assert ask_for(app, "evil.test") == 400
        assert ask_for(app, "good.test") == 200


def test_a_host_that_is_on_the_list_for_a_moment_is_not_trusted_later(
    ask_for: t.Callable[[Erlen, str], int], meanwhile: dict[str, list[t.Callable[[], object]]]
) -> None:
    app, trusted = trusting("good.test")
    assert ask_for(app, "good.test") == 200
    meanwhile["before"] = [lambda: trusted.append("evil.test")]
    meanwhile["after"] = [lambda: trusted.remove("evil.test")]
    assert ask_for(app, "evil.test") in (200, 400)  # whoever asks twice hears both
    for _ in range(2):
        assert ask_for(app, "evil.test") == 400
        assert ask_for(app, "good.test") == 200


def test_a_host_that_comes_onto_the_list_is_trusted_from_then_on(
    ask_for: t.Callable[[Erlen, str], int],
) -> None:
    app, trusted = trusting("good.test")
    assert ask_for(app, "new.test") == 400
    trusted.append("new.test")
    assert ask_for(app, "new.test") == 200
    trusted[:] = ["new.test"]
    assert ask_for(app, "good.test") == 400


@pytest.mark.parametrize("kind", [tuple, set, frozenset, lambda hosts: hosts[0]])
def test_hosts_may_be_listed_by_any_collection(
    ask_for: t.Callable[[Erlen, str], int], kind: t.Callable[[list[str]], t.Any]
) -> None:
    app, trusted = trusting("good.test")
    app.config["TRUSTED_HOSTS"] = kind(trusted)
    for _ in range(2):
        assert ask_for(app, "good.test") == 200
        assert ask_for(app, "evil.test") == 400


# hosts, by a Werkzeug that looks no further than the colon


@pytest.fixture
def lax(monkeypatch: pytest.MonkeyPatch) -> None:
    """Werkzeug before 3.1.7."""

    def lax_host(scheme: str, header: str | None, server: t.Any, trusted: t.Any = None) -> str:
        host = header or ""
        if trusted and host.partition(":")[0] not in trusted:
            raise SecurityError
        return host

    def host_of(given: t.Any, trusted: t.Any = None) -> str:
        return lax_host("http", given.get("HTTP_HOST"), None, trusted)

    monkeypatch.setattr(safe, "get_host", lax_host)
    for module in (urls, matching, werkzeug.routing.map):
        monkeypatch.setattr(module, "get_host", host_of)


UNSOUND = [
    "good.test:80@evil.test",
    "good.test:x",
    "good.test/evil",
    "good.test:80:80",
    "a b",
    "[::1",
    "good.test:",
]


@pytest.mark.usefixtures("lax")
@pytest.mark.parametrize("host", UNSOUND)
def test_an_invalid_host_is_not_trusted_with_any_version_of_werkzeug(host: str) -> None:
    app = Erlen("app")
    app.config["TRUSTED_HOSTS"] = ["good.test"]
    app.add_url_rule("/", "view", lambda: erlen.request.host)
    app.add_url_rule("/link", "link", lambda: erlen.url_for("view", _external=True))
    app.add_url_rule("/slash/", "slash", lambda: "slash")
    for _ in range(2):
        for path in ("/", "/link", "/slash"):
            assert answer_for(app, host, path)[0] == "400 BAD REQUEST"  # type: ignore[index]
    with app.test_request_context(environ_overrides={"HTTP_HOST": "good.test"}):
        request = erlen.Request(environ() | {"HTTP_HOST": host})
        request.trusted_hosts = ["good.test"]
        with pytest.raises(SecurityError):
            _ = request.host


@pytest.mark.usefixtures("lax")
@pytest.mark.parametrize(
    "host", ["good.test", "good.test:8000", "GOOD.test", "[::1]:80", "xn--n3h.test", "a-b.c", "1.2.3.4"]
)
def test_a_host_is_a_host_whatever_the_version_of_werkzeug(host: str) -> None:
    app = Erlen("app")
    app.add_url_rule("/", "view", lambda: erlen.request.host)
    for _ in range(2):
        assert answer_for(app, host)[1] == host.encode()  # type: ignore[index]


# a last segment that is the one variable

LAST = (
    "/users/<name>",
    "/users/me",
    "/users/me/posts",
    "/orders/<int:n>",
    "/teams/<team>",
    "/teams/<int:n>",
    "/<lang>/docs",
    "/<lang>/docs/<page>",
)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/users/ada", {"name": "ada"}),
        ("/orders/007", {"n": 7}),
        # What needs a closer look: another static way on, no number, nothing, a choice, a variable before.
        ("/users/me", None),
        ("/orders/x", None),
        ("/orders/", None),
        ("/teams/5", None),
        ("/en/docs/5", None),
        ("/nobody/5", None),
        ("//users/ada", None),
        ("/users//ada", None),
        ("5", None),
        ("", None),
    ],
)
def test_a_last_segment_that_is_the_one_variable_is_found_without_a_walk(
    path: str, values: dict[str, object] | None
) -> None:
    app = Erlen(__name__, static_folder=None)
    for rule in LAST:
        app.add_url_rule(rule, rule)
    domain = Matcher(app.url_map).domain("")
    assert domain is not None
    assert matching.match_last(domain, path, "GET") == (None, None)
    for known in ("/users/bob", "/users/me", "/orders/1", "/teams/1", "/teams/x", "/en/docs", "/en/docs/x"):
        domain.match(known, "GET")
    leaf, found = matching.match_last(domain, path, "GET")
    assert (leaf is None) == (values is None)
    assert found == values
    assert matching.match_last(domain, path, "DELETE") == (None, None)
