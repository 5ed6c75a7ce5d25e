"""The test client by ASGI: scopes of environs, streams read piece by piece, errors, and WebSockets."""

from __future__ import annotations

import gc
import typing as t

import pytest
from werkzeug.test import create_environ

from erlen import Erlen, Response, g, request, session
from erlen.gateway.asgi.environ import make_environ
from erlen.testing.exchange import scope_of

# scopes


@pytest.mark.parametrize(
    ("path", "base"),
    [
        ("/a b/é?x=%C3%A9&y", "http://localhost/"),
        ("/a%2Fb", "https://example.org:8443/app"),
        ("", "http://localhost/ä/"),
    ],
)
def test_an_environ_comes_back_from_its_scope(path: str, base: str) -> None:
    environ = create_environ(
        path, base, method="POST", data=b"abc", headers=[("X-A", "1"), ("X-A", "2"), ("Cookie", "a=b")]
    )
    environ["extra.key"] = object()

    back = make_environ(scope_of(environ))

    names = [name for name in environ if name.startswith(("HTTP_", "CONTENT_", "extra."))]
    names += ["REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT"]
    names += ["wsgi.url_scheme", "SERVER_PROTOCOL"]
    assert {name: back.get(name) for name in names} == {name: environ[name] for name in names}


# answers


def test_an_error_that_propagates_is_raised_in_the_test(app: Erlen) -> None:
    app.add_url_rule("/plain", "plain", lambda: 1 // 0)

    @app.get("/coroutine")
    async def coroutine() -> t.NoReturn:
        raise LookupError

    client = app.test_client(protocol="asgi")
    with pytest.raises(ZeroDivisionError):
        client.get("/plain")
    with pytest.raises(LookupError):
        client.get("/coroutine")


def test_an_error_in_a_stream_is_raised_where_it_is_read(app: Erlen) -> None:
    @app.get("/")
    async def view() -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            yield "a"
            raise LookupError

        return pieces()

    response = app.test_client(protocol="asgi").get("/")
    pieces = response.iter_encoded()
    assert next(iter(pieces)) == b"a"
    with pytest.raises(LookupError):
        list(pieces)


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_a_stream_makes_a_piece_when_it_is_asked_for(app: Erlen, colour: str) -> None:
    made: list[int] = []

    def pieces() -> t.Iterator[str]:
        for number in range(1_000):
            made.append(number)
            yield str(number)

    async def coroutine() -> t.Any:
        async def apieces() -> t.AsyncIterator[str]:
            for piece in pieces():
                yield piece

        return apieces()

    app.add_url_rule("/", "view", pieces if colour == "plain" else coroutine)
    with app.test_client(protocol="asgi").get("/") as response:
        read = iter(response.iter_encoded())
        assert [next(read) for _ in range(3)] == [b"0", b"1", b"2"]
        assert len(made) <= 5
    assert len(made) <= 5


@pytest.mark.parametrize("end", ["closed", "dropped"])
def test_a_stream_that_is_left_ends_the_request(app: Erlen, end: str) -> None:
    closed: list[str] = []
    app.teardown_request(lambda error: closed.append("teardown"))

    @app.get("/")
    async def view() -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            try:
                while True:
                    yield "a"
            finally:
                closed.append("stream")

        return pieces()

    client = app.test_client(protocol="asgi")
    response = client.get("/")
    if end == "closed":
        response.close()
        assert closed == ["stream", "teardown"]
    else:
        del response
        gc.collect()
        # Another request behind it: the loop has come by.
        client.get("/nowhere")
        assert "stream" in closed


def test_cookies_sessions_and_redirects_are_kept(app: Erlen) -> None:
    @app.route("/count")
    async def count() -> t.Any:
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    app.add_url_rule("/go", "go", lambda: Response(status=302, headers={"Location": "/count"}))
    client = app.test_client(protocol="asgi")

    assert [client.get("/count").text for _ in range(2)] == ["1", "2"]
    assert client.get("/go", follow_redirects=True).text == "3"
    with client.session_transaction() as stored:
        assert stored["n"] == 3


def test_it_refuses_to_wait_on_the_loop_that_would_answer_it(app: Erlen) -> None:
    @app.get("/")
    async def view() -> str:
        with pytest.raises(RuntimeError, match="async_test_client"):
            app.test_client(protocol="asgi").get("/")
        return "refused"

    assert app.test_client(protocol="asgi").get("/").text == "refused"
    assert app.test_client().get("/").text == "refused"


def test_a_body_is_sent_again_where_a_redirect_asks_for_it(app: Erlen) -> None:
    app.add_url_rule("/", "echo", lambda: request.get_data(), methods=["POST"])
    moved = Response(status=307, headers={"Location": "/"})
    app.add_url_rule("/moved", "moved", lambda: moved, methods=["POST"])

    client = app.test_client(protocol="asgi")

    assert client.post("/moved", data=b"abc", follow_redirects=True).data == b"abc"


# WebSockets


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
@pytest.mark.parametrize("path", ["/plain", "/coroutine"])
def test_a_client_that_keeps_contexts_shares_the_application_context_that_is_active(
    protocol: str, path: str
) -> None:
    app, ended = Erlen("app"), []

    @app.get("/plain")
    def plain() -> str:
        return str(g.get("db"))

    @app.get("/coroutine")
    async def coroutine() -> str:
        return str(g.get("db"))

    app.teardown_appcontext(lambda error: ended.append(error))

    with app.app_context():
        g.db = 1
        with app.test_client(protocol=protocol) as client:
            for _ in range(2):
                assert client.get(path).text == "1"
        assert ended == []
        assert g.db == 1
    assert ended == [None]
