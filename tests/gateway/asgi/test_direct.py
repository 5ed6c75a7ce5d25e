"""Direct answers: by exact path, before there is a context, by both protocols."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from erlen import Erlen, request
from erlen.active import NOTHING, get_state
from tests.calls import count_calls
from tests.gateway.asgi.driver import Server, ask, ask_once, body, http, run

PROTOCOLS = ("wsgi", "asgi")


class Direct:
    """A direct answer that says what it was asked by, and what was active."""

    def wsgi_app(self, environ: t.Any, start_response: t.Any, /) -> t.Iterable[bytes]:
        assert get_state() is NOTHING
        start_response("200 OK", [("X-By", "wsgi")])
        return [b"direct"]

    async def asgi_app(self, scope: t.Any, receive: t.Any, send: t.Any, /) -> None:
        assert get_state() is NOTHING
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-by", b"asgi")]})
        await send({"type": "http.response.body", "body": b"direct"})


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)
    app.direct_answers["/direct"] = Direct()
    app.add_url_rule("/", "index", lambda: "usual")
    app.add_url_rule("/direct", "shadowed", lambda: "usual")
    return app


def never() -> t.NoReturn:
    raise AssertionError("It was called.")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_direct_answer_is_called_by_the_protocol_of_the_server(app: Erlen, protocol: str) -> None:
    client = app.test_client(protocol=protocol)
    for method in ("GET", "POST", "OPTIONS", "BREW"):
        response = client.open("/direct?a=b", method=method)
        assert (response.text, response.headers["X-By"]) == ("direct", protocol)
    assert client.get("/").text == "usual"


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "path", ["/direct/", "/direct/x", "//direct", "/DIRECT", "/direct%00", "/direct;x", "/dir\u00e9ct", "/."]
)
def test_no_other_path_is_answered_directly(app: Erlen, protocol: str, path: str) -> None:
    assert app.test_client(protocol=protocol).get(path).status_code in (308, 404)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_hook_host_session_or_start_comes_before(app: Erlen, protocol: str) -> None:
    app.config.update(TRUSTED_HOSTS=["example.org"], SERVER_NAME="example.org")
    app.url_map.host_matching = True
    app.before_request(never)
    app.teardown_appcontext(lambda error: never())
    app.before_serving(never)
    client = app.test_client(protocol=protocol)
    assert client.get("/direct", base_url="http://10.0.0.7:8000").text == "direct"
    assert "Set-Cookie" not in client.get("/direct").headers


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_is_answered_inside_of_active_contexts_and_a_client_that_keeps_them(
    app: Erlen, protocol: str
) -> None:
    class Plain(Direct):
        def wsgi_app(self, environ: t.Any, start_response: t.Any, /) -> t.Iterable[bytes]:
            start_response("200 OK", [])
            return [b"direct"]

        async def asgi_app(self, scope: t.Any, receive: t.Any, send: t.Any, /) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"direct"})

    app.direct_answers["/direct"] = Plain()
    with app.app_context(), app.test_client(protocol=protocol) as client:
        assert client.get("/direct").text == "direct"
        assert client.get("/").text == "usual"
        assert request.path == "/"
        assert client.get("/direct").text == "direct"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_table_may_change_after_the_first_request(app: Erlen, protocol: str) -> None:
    client = app.test_client(protocol=protocol)
    direct = app.direct_answers.pop("/direct")
    assert client.get("/direct").text == "usual"
    app.direct_answers["/direct"] = direct
    assert client.get("/direct").text == "direct"
    app.direct_answers = {"/": direct}
    assert (client.get("/").text, client.get("/direct").text) == ("direct", "usual")


@pytest.mark.parametrize(("path", "root"), [("/base/direct", "/base"), ("/direct", "/base"), ("/direct", "")])
def test_the_path_is_the_one_below_the_mount_point(app: Erlen, path: str, root: str) -> None:
    assert ask(app, http(path, root_path=root)).text == "direct"
    environ = {"SCRIPT_NAME": root, "PATH_INFO": "/direct"}
    assert app.test_client().get("/", environ_overrides=environ).text == "direct"


def test_a_root_that_only_looks_like_the_beginning_stays(app: Erlen) -> None:
    assert ask(app, http("/dir/direct", root_path="/di")).status == 404


class Prefix:
    """WSGI middleware that takes a prefix off, and refuses other paths."""

    def __init__(self, inner: t.Any) -> None:
        self.inner = inner

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        if not environ["PATH_INFO"].startswith("/shop"):
            start_response("403 FORBIDDEN", [])
            return [b"refused"]
        return self.inner(environ | {"PATH_INFO": environ["PATH_INFO"][5:]}, start_response)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_middleware_comes_first(app: Erlen, protocol: str) -> None:
    app.wsgi_app = Prefix(app.wsgi_app)  # type: ignore[method-assign]
    client = app.test_client(protocol=protocol)
    assert client.get("/direct").text == "refused"
    # Under ASGI it runs on a thread, as all that is behind WSGI middleware.
    assert client.get("/shop/direct").headers["X-By"] == "wsgi"


def test_asgi_middleware_comes_first(app: Erlen) -> None:
    inner, seen = app.asgi_app, []

    async def middleware(scope: t.Any, receive: t.Any, send: t.Any) -> None:
        seen.append(scope["path"])
        await inner(scope, receive, send)

    app.asgi_app = middleware  # type: ignore[method-assign]
    assert ask_once(app, http("/direct")).text == "direct"
    assert seen == ["/direct"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_is_answered_behind_proxyfix(app: Erlen, protocol: str) -> None:
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    assert app.test_client(protocol=protocol).get("/direct").headers["X-By"] == protocol


@pytest.mark.parametrize(
    "broken", [{"path": None}, {"path": 7}, {"path": "/\ud83d"}, {"root_path": 3, "path": "/\u00e9"}]
)
def test_a_malformed_scope_is_refused_as_without_direct_answers(app: Erlen, broken: dict[str, t.Any]) -> None:
    plain = Erlen(__name__)
    plain.add_url_rule("/", "index", lambda: "usual")
    scope = http() | broken
    assert ask(app, scope).status == ask(plain, scope).status == 400


def test_it_is_answered_without_a_path_in_the_environ(app: Erlen) -> None:
    environ = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "SERVER_NAME": "h", "SERVER_PORT": "80"}
    statuses: list[str] = []
    app.direct_answers[""] = Direct()
    body = app.wsgi_app(environ, lambda status, headers, exc_info=None: statuses.append(status))  # type: ignore[arg-type,return-value]
    assert (list(body), statuses) == ([b"direct"], ["200 OK"])


def test_websockets_are_not_answered_directly(app: Erlen) -> None:
    async def main() -> list[str]:
        scope = http("/direct") | {"type": "websocket", "scheme": "ws", "subprotocols": []}
        server = Server(scope, {"type": "websocket.connect"})
        await server.start(app)
        return [message["type"] for message in server.sent]

    assert run(main()) == ["websocket.close"]


def answer_once(app: Erlen, path: str) -> t.Callable[[], object]:
    """Return what sends one request by WSGI."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "h", "SERVER_PORT": "80"}
    environ |= {"wsgi.url_scheme": "http", "HTTP_HOST": "h", "QUERY_STRING": ""}
    return lambda: app({**environ}, lambda *_: None)


def test_an_empty_table_costs_no_call_and_another_path_one_look_up() -> None:
    app, with_table = Erlen(__name__), Erlen(__name__)
    with_table.direct_answers["/direct"] = Direct()
    counts = []
    for each in (app, with_table):
        each.add_url_rule("/", "index", lambda: "usual")
        call = answer_once(each, "/")
        for _ in range(3):
            call()
        counts.append(count_calls(call))
    # dict.get() twice: of the environ and of the table.
    assert counts[1] - counts[0] == 2


def test_a_coroutine_view_stays_on_the_loop_beside_direct_answers(app: Erlen) -> None:
    import threading

    @app.get("/coroutine")
    async def coroutine() -> str:
        return threading.current_thread().name

    async def main() -> list[str]:
        names = []
        for _ in range(2):
            answer = await Server(http("/coroutine"), *body(b"")).serve(app)
            names.append(answer.text)
        return names

    assert run(main()) == [threading.current_thread().name] * 2
