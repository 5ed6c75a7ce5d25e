"""An application below a root path answers alike by both protocols, and nothing else is below it."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen import Erlen, request, url_for, websocket
from erlen.deploy.serve.errors import USAGE, ServeError
from erlen.deploy.serve.root_path import Under, is_below, normalized
from tests.gateway.asgi.driver import http
from tests.gateway.asgi.driver import websocket as websocket_scope


@pytest.mark.parametrize(
    ("written", "root"),
    [
        ("", ""),
        ("/", ""),
        ("//", ""),
        ("/shop", "/shop"),
        ("/shop/", "/shop"),
        ("/shop//", "/shop"),
        ("/a/b/", "/a/b"),
    ],
)
def test_slashes_at_the_end_do_not_count(written: str, root: str) -> None:
    assert normalized(written) == root


@pytest.mark.parametrize(
    "written",
    [
        "shop",
        "shop/",
        "http://example.com/shop",
        "//evil.example",
        "/a//b",
        "/..",
        "/a/../b",
        "/./a",
        "/a b",
        "/a?b",
        "/a#b",
        "/caf%C3%A9",
        "/a\\b",
        "/a\nb",
        "/a\0b",
        "/a\x7f",
        "/a\u2028b",
        "/\udcff",
        " /a",
        "/" + "x?" * 500,
    ],
)
def test_what_no_path_begins_with_is_an_error(written: str) -> None:
    with pytest.raises(ServeError, match="write it as /shop") as caught:
        normalized(written)
    assert caught.value.status == USAGE
    assert len(caught.value.message.encode().splitlines()) == 1
    assert len(caught.value.message) < 500


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)

    @app.route("/", defaults={"rest": ""})
    @app.route("/<path:rest>")
    def show(rest: str) -> dict[str, str]:
        return {
            "rest": rest,
            "path": request.path,
            "root": request.root_path,
            "script": request.environ["SCRIPT_NAME"],
            "info": request.environ["PATH_INFO"],
            "url": url_for("show", rest="x"),
        }

    @app.websocket("/echo")
    async def echo() -> None:
        await websocket.accept()
        await websocket.send(url_for("echo"))

    return app


def by_wsgi(
    application: Any, path: str, method: str = "GET", **environ: str
) -> tuple[int, dict[str, str], bytes]:
    """Ask as a server does for a path as it is in a URL."""
    told: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        told[:] = status, headers

    asked = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        **environ,
    }
    body = b"".join(application(asked, start_response))
    status, headers = told
    return int(status[:3]), dict(headers), body


def by_asgi(application: Any, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    scope = http("/", method=method)
    scope |= {"path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path.encode()}
    sent = asyncio.run(talk(application, scope, [{"type": "http.request", "body": b""}]))
    assert [message["type"] for message in sent[:1]] == ["http.response.start"]
    headers = {name.decode().title(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:])


async def talk(application: Any, scope: Any, messages: list[Any]) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await asyncio.wait_for(application(scope, receive, send), 20)
    return sent


BELOW = [
    ("/shop", "/shop", "/shop"),
    ("/shop", "/shop/", "/shop"),
    ("/shop", "/shop/a/b", "/shop"),
    ("/shop", "/shop/shop/a", "/shop"),
    ("/shop", "/%73hop/a", "/shop"),
    ("/shop", "/shop%2Fa", "/shop"),
    ("/shop/eu", "/shop/eu/a", "/shop/eu"),
    ("/größe", f"/{quote('größe')}/ü", "/größe"),
    ("/shop", f"/shop/{quote('größe')}", "/shop"),
    ("/shop", "/shop/a%20b%3Fc%23d", "/shop"),
    ("/shop", "/shop//a", "/shop"),
]


@pytest.mark.parametrize(("root", "path", "script"), BELOW)
def test_what_is_below_is_answered_alike_by_both_protocols(
    root: str, path: str, script: str, app: Erlen
) -> None:
    application = Under(root, app)
    (status, _, body), asgi = by_wsgi(application, path), by_asgi(application, path)
    assert (status, body) == (asgi[0], asgi[2])
    if status == 308:
        return  # Werkzeug merges slashes
    assert status == 200
    told = app.json.loads(body)
    assert told["script"].encode("latin-1").decode() == script
    assert told["root"] == script
    assert told["url"] == f"{script}/x"
    assert told["script"] + told["info"] == unquote_to_bytes(path).decode("latin-1")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/shopping",
        "/shop.html",
        "/shop;x",
        "/sho",
        "/SHOP/a",
        "//shop/a",
        "/./shop/a",
        "/x/../shop/a",
        "/other/shop/a",
        "*",
        "/shop%00",
        "/shop%5Ca",
        "/%ff/shop",
        "/shop%253Fa",
    ],
)
def test_what_is_not_below_is_not_found(path: str, method: str) -> None:
    def never(*_: object) -> Any:
        raise AssertionError("The application was called.")

    application = Under("/shop", never)
    wsgi, asgi = by_wsgi(application, path, method), by_asgi(application, path, method)
    assert wsgi == asgi
    assert wsgi[0] == 404
    assert wsgi[1] == {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "10"}
    assert wsgi[2] == (b"" if method == "HEAD" else b"Not Found\n")


@given(st.text(alphabet="/.shop%é ", max_size=12))
def test_below_means_the_same_segments(path: str) -> None:
    is_inside = path.split("/")[:3] == ["", "s", "h"]
    assert is_below(path, "/s/h") is is_inside


def test_a_mount_point_of_the_server_stays_before_the_root_path(app: Erlen) -> None:
    _, _, body = by_wsgi(Under("/shop", app), "/shop/a", SCRIPT_NAME="/front/")
    assert app.json.loads(body)["script"] == "/front/shop"


def test_the_scope_of_the_server_is_not_changed() -> None:
    seen: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    scope = http("/shop/a") | {"root_path": ""}
    before = dict(scope)
    asyncio.run(talk(Under("/shop", application), scope, []))
    assert scope == before
    assert (seen[0]["root_path"], seen[0]["path"]) == ("/shop", "/shop/a")


def test_the_lifespan_reaches_the_application_as_it_is() -> None:
    seen: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
    asyncio.run(talk(Under("/shop", application), scope, []))
    assert seen[0] is scope


def test_a_websocket_below_is_served(app: Erlen) -> None:
    messages = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
    sent = asyncio.run(talk(Under("/shop", app), websocket_scope("/shop/echo"), messages))
    assert [message["type"] for message in sent][:2] == ["websocket.accept", "websocket.send"]
    assert sent[1]["text"].endswith("/shop/echo")


@pytest.mark.parametrize(
    ("extensions", "types"),
    [
        (None, ["websocket.close"]),
        ({}, ["websocket.close"]),
        ({"websocket.http.response": {}}, ["websocket.http.response.start", "websocket.http.response.body"]),
    ],
)
def test_a_websocket_that_is_not_below_is_refused(extensions: Any, types: list[str], app: Erlen) -> None:
    scope = websocket_scope("/shopping/echo") | {"extensions": extensions}
    sent = asyncio.run(talk(Under("/shop", app), scope, [{"type": "websocket.connect"}]))
    assert [message["type"] for message in sent] == types
    if len(sent) > 1:
        assert (sent[0]["status"], sent[1]["body"]) == (404, b"Not Found\n")
