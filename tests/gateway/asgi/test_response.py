"""What a view returned is closed once, whatever becomes of it."""

from __future__ import annotations

import asyncio
import typing as t

import pytest

from erlen import Erlen, Response, make_response, stream_with_context
from tests.gateway.asgi.driver import Server, ask_once, http, run

# what a view returned is closed, whatever becomes of it


def closing(kind: str, closed: list[str]) -> t.Callable[[], t.Awaitable[t.Any]]:
    """Return a coroutine view that returns a body of a kind, and notes when that is closed."""

    def pieces() -> t.Iterator[str]:
        yield "a"
        yield "b"

    async def apieces() -> t.AsyncIterator[str]:
        yield "a"
        yield "b"

    async def view() -> t.Any:
        made = {
            "text": "text",
            "pieces": pieces(),
            "kept": stream_with_context(pieces()),
            "apieces": apieces(),
        }
        response = make_response(made[kind])
        response.call_on_close(lambda: closed.append("closed"))
        return response

    return view


@pytest.mark.parametrize("hooked", [True, False], ids=["hooked", "bare"])
@pytest.mark.parametrize("kind", ["text", "pieces", "kept", "apieces"])
@pytest.mark.parametrize("end", ["complete", "gone", "deaf", "cancelled", "HEAD", "full"])
def test_a_response_of_a_coroutine_view_is_closed_once(kind: str, hooked: bool, end: str) -> None:
    """After each event of the request, and where no thread is to be had for its body."""
    event = 0
    while True:
        event += 1
        closed: list[str] = []
        app, heard = Erlen("app"), []
        app.add_url_rule("/", "view", closing(kind, closed))
        if hooked:
            app.teardown_request(lambda error, heard=heard: heard.append(error))
        if end == "full":
            app.config.update(ASGI_STREAMS=0)
        server = _ended(app, end, event)
        assert closed == ["closed"], (event, server.sent)
        assert len(heard) == hooked
        if server.events < event or end in ("complete", "HEAD", "full"):
            break


def _ended(app: Erlen, end: str, event: int) -> Server:
    async def main() -> Server:
        given: dict[str, t.Any] = {}
        if end == "cancelled":
            given["at_event"] = lambda at: at == event and server.task.cancel()
        elif end in ("gone", "deaf"):
            given.update(leaves_after=event, deaf=end == "deaf")
        server = Server(http("/", "HEAD" if end == "HEAD" else "GET"), **given)
        await asyncio.wait({server.start(app)})
        assert server.task is not None
        if not server.task.cancelled():
            assert server.task.exception() is None
        _ = server.answer  # in the right order
        return server

    return run(main())


def test_an_asynchronous_body_that_a_hook_replaces_is_closed_and_its_request_torn_down() -> None:
    app, log = Erlen("app"), []
    app.teardown_request(lambda error: log.append("teardown"))

    @app.after_request
    def replace(response: t.Any) -> t.Any:
        response.close()
        return Response("other")

    @app.get("/")
    async def view() -> t.Any:
        async def pieces() -> t.AsyncIterator[str]:
            yield "a"

        return pieces()

    assert ask_once(app, http()).text == "other"
    assert log == ["teardown"]


@pytest.mark.parametrize("where", ["subclass", "class"])
def test_a_response_that_is_called_in_a_way_of_its_own_is_called(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Erlen("app")
    called: list[str] = []

    def call(self: Response, environ: t.Any, start_response: t.Any) -> t.Any:
        called.append(environ["PATH_INFO"])
        return original(self, environ, start_response)

    original = Response.__call__
    if where == "class":
        monkeypatch.setattr(Response, "__call__", call)
    else:
        app.response_class = type("Own", (Response,), {"__call__": call})

    @app.get("/")
    async def view() -> Response:
        return app.response_class("text", headers={"X-A": "1"})

    assert ask_once(app, http()).text == "text"
    assert called == ["/"]
    monkeypatch.undo()
    assert Response.is_called_plainly
