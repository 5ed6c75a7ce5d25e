"""Serves requests under OpenTelemetry's own instrumentation of Flask, and prints what it recorded, as JSON.

    python otel.py flask|wsgi|asgi app|class

`flask` is the real one; the other two are Erlen through its alias, asked by one protocol or the other.
`app` instruments one application, `class` every application that is made from then on.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

WAY, MODE = sys.argv[1:]
if WAY != "flask":
    importlib.import_module("erlen.as_flask")

import flask  # noqa: E402
from opentelemetry import trace  # noqa: E402
from opentelemetry.instrumentation.flask import FlaskInstrumentor  # noqa: E402
from opentelemetry.sdk.trace import TracerProvider  # noqa: E402
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402

EXPORTER = InMemorySpanExporter()
PROVIDER = TracerProvider()
PROVIDER.add_span_processor(SimpleSpanProcessor(EXPORTER))
TRACER = PROVIDER.get_tracer("views")
# What the caller says about its own span: https://www.w3.org/TR/trace-context/
CALLER = "00-{trace:032x}-{span:016x}-01"
LOGGED: list[str] = []


class _Keep(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        LOGGED.append(f"{record.name}: {record.getMessage()}")


def span(name: str) -> Any:
    return TRACER.start_as_current_span(name)


def make_app() -> Any:
    app = flask.Flask("app")
    app.logger.disabled = True
    _add_views(app)
    _add_coroutines(app)
    _add_handled(app)
    if MODE == "app":
        FlaskInstrumentor().instrument_app(app, tracer_provider=PROVIDER)
    return app


def _add_handled(app: Any) -> None:
    class Known(Exception):
        pass

    @app.errorhandler(Known)
    def known(error: Exception) -> Any:
        with span("in handler"):
            return "known", 409

    @app.get("/plain/known")
    def plain_known() -> str:
        raise Known

    @app.get("/coroutine/known")
    async def coroutine_known() -> str:
        await asyncio.sleep(0)
        raise Known


def _add_views(app: Any) -> None:
    @app.get("/plain/<int:n>")
    def plain(n: int) -> str:
        with span("outer"), span("inner"):
            return str(n)

    @app.get("/plain/fails")
    def plain_fails() -> str:
        raise ValueError("of the view")

    @app.get("/plain/stream")
    def plain_stream() -> Any:
        return flask.stream_with_context(_pieces())


def _pieces() -> Iterator[str]:
    with span("piece 1"):
        yield "1"
    with span("piece 2"):
        yield flask.request.path


def _add_coroutines(app: Any) -> None:
    @app.get("/coroutine/<int:n>")
    async def coroutine(n: int) -> str:
        with span("outer"):
            await asyncio.sleep(0)
            with span("inner"):
                await asyncio.sleep(0)
        return str(n)

    @app.get("/coroutine/tasks")
    async def tasks() -> str:
        async def one(name: str) -> None:
            with span(name):
                await asyncio.sleep(0)

        await asyncio.gather(one("task 1"), one("task 2"))
        return ""

    @app.get("/coroutine/fails")
    async def coroutine_fails() -> str:
        await asyncio.sleep(0)
        raise ValueError("of the view")

    @app.get("/coroutine/stream")
    async def coroutine_stream() -> Any:
        await asyncio.sleep(0)
        return flask.stream_with_context(_pieces())

    if WAY != "flask":
        _add_more_than_flask(app)


def _add_more_than_flask(app: Any) -> None:
    @app.get("/coroutine/generator")
    async def generator() -> Any:
        async def pieces() -> AsyncIterator[str]:
            with span("piece 1"):
                await asyncio.sleep(0)
                yield "1"
            with span("piece 2"):
                yield flask.request.path

        return pieces()

    @app.websocket("/echo")
    async def echo() -> None:
        from erlen import websocket

        await websocket.send(await websocket.receive())


# what was recorded


def spans() -> list[dict[str, Any]]:
    """Tell of the spans that have ended since the last call, in the order of their starts."""
    done = sorted(EXPORTER.get_finished_spans(), key=lambda one: one.start_time or 0)
    EXPORTER.clear()
    names = {one.context.span_id: one.name for one in done}
    return [_told(one, names) for one in done]


def _told(one: Any, names: dict[int, str]) -> dict[str, Any]:
    parent = one.parent and (names.get(one.parent.span_id) or f"{one.parent.span_id:x}")
    attributes = one.attributes
    return {
        "name": one.name,
        "kind": one.kind.name,
        "parent": parent,
        "trace": f"{one.context.trace_id:x}",
        "route": attributes.get("http.route"),
        "code": attributes.get("http.status_code", attributes.get("http.response.status_code")),
        "status": one.status.status_code.name,
        "exceptions": [str((event.attributes or {})["exception.message"]) for event in one.events],
    }


def ask(app: Any, path: str, number: int = 1) -> dict[str, Any]:
    client = app.test_client(protocol="asgi") if WAY == "asgi" else app.test_client()
    caller = CALLER.format(trace=0xA0000 + number, span=0xB0000 + number)
    answer = client.get(path, headers={"traceparent": caller})
    return {"status": answer.status_code, "text": answer.text if answer.status_code < 500 else ""}


PATHS = [
    f"/{colour}/{what}" for colour in ("plain", "coroutine") for what in ("7", "fails", "known", "stream")
]
PATHS += ["/coroutine/tasks", "/nowhere"]


def each(app: Any) -> dict[str, Any]:
    told = {}
    for path in PATHS:
        told[path] = {**ask(app, path), "spans": spans(), "left": trace.get_current_span().is_recording()}
    return told


def at_once(app: Any) -> list[dict[str, Any]]:
    """Send requests from eight threads at once, each with a caller's span of its own."""

    def some(first: int) -> None:
        for number in range(first, first + 10):
            ask(app, f"/coroutine/{number}" if number % 2 else f"/plain/{number}", number)

    threads = [threading.Thread(target=some, args=(first,)) for first in range(100, 180, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return spans()


def without_a_caller(app: Any) -> list[dict[str, Any]]:
    (app.test_client(protocol="asgi") if WAY == "asgi" else app.test_client()).get("/plain/1")
    return spans()


def echoed(app: Any) -> Any:
    with app.test_client(protocol="asgi").websocket("/echo") as websocket:
        websocket.send("words")
        return {"text": websocket.receive(), "spans": spans()}


def with_a_generator(app: Any) -> dict[str, Any]:
    """Ask for an asynchronous generator's body, in a thread of its own; then for something else there."""
    told: dict[str, Any] = {}

    def ask_twice() -> None:
        told.update(ask(app, "/coroutine/generator"), spans=spans(), logged=LOGGED[:])
        told["after it"] = without_a_caller(app)

    thread = threading.Thread(target=ask_twice)
    thread.start()
    thread.join()
    LOGGED.clear()
    return told


def undone(app: Any) -> dict[str, Any]:
    """Take the instrumentation away again; ask once more."""
    if MODE == "app":
        FlaskInstrumentor().uninstrument_app(app)
    else:
        FlaskInstrumentor().uninstrument()
        app = make_app()
    answer = {**ask(app, "/coroutine/7"), "spans": spans()}
    if WAY != "flask":
        plan = app.request_planner.current(app)
        answer["native"] = plan.straight and plan.on_loop
    return {**answer, "class": flask.Flask.__name__}


def main() -> None:
    logging.getLogger().addHandler(_Keep())
    if MODE == "class":
        FlaskInstrumentor().instrument(tracer_provider=PROVIDER)
    app = make_app()
    told: dict[str, Any] = {"each": each(app), "root": without_a_caller(app), "at once": at_once(app)}
    told["logged"] = LOGGED[:]
    if WAY != "flask":
        told["echo"] = echoed(app)
        told["generator"] = with_a_generator(app)
    told["undone"] = undone(app)
    print(json.dumps(told))


main()
