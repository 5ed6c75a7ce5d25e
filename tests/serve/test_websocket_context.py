"""What is known while a WebSocket is handled: the WebSocket, the session, URLs."""

from __future__ import annotations

import threading
import typing as t

import pytest
from werkzeug.routing import BaseConverter

import erlen
from erlen import (
    Blueprint,
    current_app,
    g,
    render_template_string,
    request,
    session,
    url_for,
    websocket,
)
from tests.gateway.asgi.driver import CONNECT, Message, Server, run
from tests.gateway.asgi.driver import websocket as scope_of
from tests.gateway.asgi.speaking import ACCEPT, Noted, close

# inside


def test_inside_the_websocket_answers_and_the_request_does_not() -> None:
    seen: list[t.Any] = []

    async def handler(room: int) -> None:
        seen.append((room, websocket.path, websocket.args["q"], websocket.headers["X-A"]))
        seen.append(websocket.view_args)
        seen.append((current_app.name, g.user, session.get("n"), erlen.has_request_context()))
        with pytest.raises(RuntimeError, match="request"):
            _ = request.path

    noted = Noted()
    noted.app.websocket("/<int:room>")(handler)

    @noted.app.before_websocket
    def before() -> None:
        g.user = "amy"

    noted.spoken(scope=scope_of("/7?q=1", ("X-A", "2")), leaves=False)

    assert seen == [(7, "/7", "1", "2"), {"room": 7}, ("app", "amy", None, False)]


@pytest.mark.parametrize("end", ["accepted", "refused"])
def test_the_session_is_saved_with_what_answers_the_handshake(end: str) -> None:
    async def handler() -> t.Any:
        session["n"] = 1
        if end == "refused":
            return "no", 403
        await websocket.accept()
        session["n"] = 2
        return None

    sent = Noted().handled_by(handler).spoken(leaves=False)

    headers = dict(sent[0]["headers"])
    assert headers[b"set-cookie"].startswith(b"session=")
    assert headers[b"vary"] == b"Cookie"
    assert sum(b"set-cookie" in dict(message.get("headers", ())) for message in sent) == 1


def test_an_untouched_session_sets_no_cookie() -> None:
    async def handler() -> None:
        await websocket.accept()

    assert Noted().handled_by(handler).spoken(leaves=False) == [ACCEPT, close(1000)]


# URLs


def linked(scope: dict[str, t.Any]) -> tuple[list[t.Any], Noted]:
    """Build URLs in each function of a WebSocket; return what the handler built."""
    noted, urls = Noted(), []
    app, part = noted.app, Blueprint("part", "part", url_prefix="/part")
    app.add_url_rule("/page/<int:n>", "page", lambda n: "")
    part.add_url_rule("/in", "in", lambda: "")

    @part.websocket("/ws")
    async def socket() -> None:
        for arguments in (
            {"endpoint": "page", "n": 1},
            {"endpoint": "page", "n": 1, "_external": True},
            {"endpoint": "page", "n": 1, "_scheme": "https"},
            {"endpoint": "page", "n": 1, "_anchor": "x"},
            {"endpoint": ".in"},
            {"endpoint": "part.socket"},
            {"endpoint": ".socket", "_scheme": "https"},
        ):
            urls.append(url_for(**arguments))
        text = "{{ url_for('.in') }} {{ url_for('page', n=2, _external=True) }}"
        urls.append(await erlen.render_template_string_async(text))
        assert urls[-1] == render_template_string(text)

    app.register_blueprint(part)
    noted.spoken(scope=scope, leaves=False)
    return urls, noted


def test_urls_are_built_in_a_handler_as_quart_builds_them() -> None:
    assert linked(scope_of("/part/ws"))[0] == [
        "/page/1",
        "http://localhost/page/1",
        "https://localhost/page/1",
        "/page/1#x",
        "/part/in",
        "ws://localhost/part/ws",
        "wss://localhost/part/ws",
        "/part/in http://localhost/page/2",
    ]


def test_urls_have_host_scheme_and_root_of_the_handshake() -> None:
    scope = scope_of("/root/part/ws", scheme="wss", root_path="/root")
    scope["headers"] = [(b"host", b"shop.example:8443")]
    assert linked(scope)[0] == [
        "/root/page/1",
        "https://shop.example:8443/root/page/1",
        "https://shop.example:8443/root/page/1",
        "/root/page/1#x",
        "/root/part/in",
        "wss://shop.example:8443/root/part/ws",
        "wss://shop.example:8443/root/part/ws",
        "/root/part/in https://shop.example:8443/root/page/2",
    ]


@pytest.mark.parametrize("colour", ["def", "async def"])
@pytest.mark.parametrize(
    "where", ["before_websocket", "after_websocket", "teardown_websocket", "origin", "nowhere"]
)
def test_urls_are_built_around_the_handler(where: str, colour: str) -> None:
    noted, urls = Noted(), []
    noted.app.add_url_rule("/page", "page", lambda: "")

    def plain(*values: t.Any) -> t.Any:
        urls.append((url_for("page"), url_for(".page", _external=True)))
        return values[0] if where == "after_websocket" else None

    async def coroutine(*values: t.Any) -> t.Any:
        return plain(*values)

    function = plain if colour == "def" else coroutine
    if where in ("origin", "nowhere"):
        noted.app.register_error_handler(403 if where == "origin" else 404, lambda _: (plain(), "no")[1])
    else:
        getattr(noted.app, where)(function)

    @noted.app.websocket("/")
    async def handler() -> None:
        await websocket.accept()

    headers = [("Origin", "https://evil.test")] if where == "origin" else []
    noted.spoken(scope=scope_of("/nowhere" if where == "nowhere" else "/", *headers), leaves=False)

    assert urls == [("/page", "http://localhost/page")]


def test_a_converter_of_the_application_runs_off_the_loop_with_the_contexts() -> None:
    noted, seen = Noted(), []

    class Converter(BaseConverter):
        def to_python(self, value: str) -> str:
            seen.append(
                (current_app.name, websocket.path, threading.current_thread() is threading.main_thread())
            )
            return value.upper()

    noted.app.url_map.converters["own"] = Converter

    @noted.app.websocket("/<own:value>")
    async def handler(value: str) -> None:
        await websocket.send(value)

    async def main() -> Message:
        server = Server(scope_of("/x"), CONNECT)
        task = server.start(noted.app)
        await server.sends(2)
        server.hang_up()
        await task
        return server.sent[1]

    for _ in range(2):
        assert run(main())["text"] == "X"
    assert seen == [("app", "/x", False)] * 2
