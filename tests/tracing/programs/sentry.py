"""Serves requests under Sentry's own integration of Flask, and prints what it would have sent, as JSON.

    python sentry.py flask|wsgi|asgi

`flask` is the real one; the other two are Erlen through its alias, asked by one protocol or the other.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any

(WAY,) = sys.argv[1:]
if WAY != "flask":
    importlib.import_module("erlen.as_flask")

# Sentry imports it to see whether it has patched something.
warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")

import flask  # noqa: E402
import sentry_sdk  # noqa: E402
from sentry_sdk.integrations.flask import FlaskIntegration  # noqa: E402
from sentry_sdk.transport import Transport  # noqa: E402

SENT: list[dict[str, Any]] = []
# The caller's trace: https://develop.sentry.dev/sdk/telemetry/traces/#header-sentry-trace
CALLER = "{trace:032x}-{span:016x}-1"


class Collecting(Transport):
    """Keep what is to be sent."""

    def capture_envelope(self, envelope: Any) -> None:
        for item in envelope.items:
            if item.type in ("event", "transaction"):
                SENT.append(item.payload.json)


def span(name: str) -> Any:
    return sentry_sdk.start_span(op="test", name=name)


def make_app() -> Any:
    app = flask.Flask("app")
    app.logger.disabled = True
    _add_views(app)
    _add_coroutines(app)
    if WAY != "flask":
        _add_more_than_flask(app)

    class Known(Exception):
        pass

    @app.errorhandler(Known)
    def known(error: Exception) -> Any:
        return "known", 409

    @app.get("/plain/known")
    def plain_known() -> str:
        raise Known

    @app.get("/coroutine/known")
    async def coroutine_known() -> str:
        await asyncio.sleep(0)
        raise Known

    return app


def _add_views(app: Any) -> None:
    @app.get("/plain/<int:n>")
    def plain(n: int) -> str:
        sentry_sdk.set_tag("n", n)
        with span("outer"), span("inner"):
            return str(n)

    @app.post("/plain/fails")
    def plain_fails() -> str:
        sentry_sdk.set_tag("failed", flask.request.endpoint)
        raise ValueError("of the view")

    @app.get("/plain/stream")
    def plain_stream() -> Any:
        def pieces() -> Iterator[str]:
            yield "1"
            sentry_sdk.capture_message("in a piece")
            yield flask.request.path

        return flask.stream_with_context(pieces())

    @app.get("/template")
    def template() -> str:
        return flask.render_template_string("{{ sentry_trace_meta }}")


def _add_coroutines(app: Any) -> None:
    @app.get("/coroutine/<int:n>")
    async def coroutine(n: int) -> str:
        sentry_sdk.set_tag("n", n)
        with span("outer"):
            await asyncio.sleep(0)
            with span("inner"):
                await asyncio.sleep(0)
        return str(n)

    @app.post("/coroutine/fails")
    async def coroutine_fails() -> str:
        sentry_sdk.set_tag("failed", flask.request.endpoint)
        await asyncio.sleep(0)
        raise ValueError("of the view")


def _add_more_than_flask(app: Any) -> None:
    @app.get("/coroutine/stream")
    async def generator() -> Any:
        async def pieces() -> AsyncIterator[str]:
            yield "1"
            await asyncio.sleep(0)
            sentry_sdk.capture_message("in a piece")
            yield flask.request.path

        return pieces()

    @app.websocket("/echo")
    async def echo() -> None:
        from erlen import websocket

        await websocket.send(await websocket.receive())


# what was sent


def sent() -> list[dict[str, Any]]:
    """Tell of the events since the last call, in their order."""
    told = [_told(event) for event in SENT]
    SENT.clear()
    return told


def _told(event: dict[str, Any]) -> dict[str, Any]:
    trace = event["contexts"]["trace"]
    request = event.get("request", {})
    spans = {one["span_id"]: one["description"] for one in event.get("spans", ())}
    return {
        "type": event.get("type", "event"),
        "name": event.get("transaction"),
        "message": event.get("message"),
        "exceptions": [
            (one["type"], one["value"], one["mechanism"]["type"])
            for one in event.get("exception", {}).get("values", ())
        ],
        "request": [request.get("method"), request.get("url"), request.get("data")],
        "tags": event.get("tags", {}),
        "trace": f"{int(trace['trace_id'], 16):x}",
        "parent": trace.get("parent_span_id") and f"{int(trace['parent_span_id'], 16):x}",
        "op": trace.get("op"),
        "status": trace.get("status"),
        "spans": [
            (one["description"], spans.get(one["parent_span_id"], "the request"))
            for one in event.get("spans", ())
            if one["op"] == "test"
        ],
    }


def client(app: Any) -> Any:
    return app.test_client(protocol="asgi") if WAY == "asgi" else app.test_client()


def ask(app: Any, path: str, number: int = 1, **values: Any) -> dict[str, Any]:
    caller = CALLER.format(trace=0xA0000 + number, span=0xB0000 + number)
    method = "POST" if path.endswith("fails") else "GET"
    answer = client(app).open(path, method=method, headers={"sentry-trace": caller}, **values)
    return {"status": answer.status_code, "text": answer.text if answer.status_code < 500 else ""}


def each(app: Any) -> dict[str, Any]:
    told = {}
    for colour in ("plain", "coroutine"):
        told[f"/{colour}/7"] = {**ask(app, f"/{colour}/7"), "sent": sent()}
        told[f"/{colour}/known"] = {**ask(app, f"/{colour}/known"), "sent": sent()}
        told[f"/{colour}/fails"] = {**ask(app, f"/{colour}/fails", json={"a": 1}), "sent": sent()}
        if WAY != "flask" or colour == "plain":
            told[f"/{colour}/stream"] = {**ask(app, f"/{colour}/stream"), "sent": sent()}
    told["/nowhere"] = {**ask(app, "/nowhere"), "sent": sent()}
    told["/template"] = {**ask(app, "/template"), "sent": sent()}
    return told


def at_once(app: Any) -> list[dict[str, Any]]:
    """Send requests from eight threads at once, each with a caller's trace of its own."""

    def some(first: int) -> None:
        for number in range(first, first + 10):
            ask(app, f"/coroutine/{number}" if number % 2 else f"/plain/{number}", number)

    threads = [threading.Thread(target=some, args=(first,)) for first in range(100, 180, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent()


def echoed(app: Any) -> Any:
    with app.test_client(protocol="asgi").websocket("/echo") as websocket:
        websocket.send("words")
        return {"text": websocket.receive(), "sent": sent()}


def propagated(app: Any) -> dict[str, Any]:
    """Let the exception reach the server: Flask's integration and the middleware both hear of it."""
    app.config["PROPAGATE_EXCEPTIONS"] = True
    told = {}
    for path in ("/plain/fails", "/coroutine/fails"):
        try:
            ask(app, path)
        except ValueError as error:
            told[path] = {"raised": str(error), "sent": sent()}
    app.config["PROPAGATE_EXCEPTIONS"] = None
    return told


def _native(app: Any) -> bool:
    plan = app.request_planner.current(app)
    return bool(plan.straight and plan.on_loop)


def main() -> None:
    original = flask.Flask.__call__
    before = make_app()
    ask(before, "/nowhere")  # it has answered before the integration comes
    sentry_sdk.init(
        dsn="http://key@localhost/1",
        transport=Collecting,
        integrations=[FlaskIntegration()],
        auto_enabling_integrations=False,  # those for whatever else is installed
        traces_sample_rate=1.0,
    )
    app = make_app()
    told: dict[str, Any] = {"each": each(app), "before": {**ask(before, "/coroutine/7"), "sent": sent()}}
    told["at once"] = at_once(app)
    told["propagated"] = propagated(app)
    told["is asgi"] = WAY == "flask" or (
        inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(app.__call__)
    )
    if WAY != "flask":
        told["echo"] = echoed(app)
    told["left"] = [sentry_sdk.get_current_span() is not None, dict(sentry_sdk.get_isolation_scope()._tags)]

    flask.Flask.__call__ = original
    told["undone"] = {**ask(app, "/coroutine/7"), "sent": sent()}
    if WAY != "flask":
        told["undone"]["native"] = _native(app)
    print(json.dumps(told))


main()
