"""Exceptions and what handles them."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, request
from werkzeug import exceptions
from werkzeug.routing import RequestRedirect

from .events import note


class Fault(Exception):
    """Handled by a handler of its own."""


class DeepFault(Fault):
    """Handled as its base class is."""


class Teapot(exceptions.ImATeapot):
    """An HTTP exception with a handler by class."""


class Unhandled(Exception):
    """Nobody handles this one."""


class Lookup(KeyError):
    """A LookupError, handled by that class."""


RAISED: dict[str, Any] = {
    "fault": lambda: Fault("a fault"),
    "deep-fault": lambda: DeepFault("a deep fault"),
    "teapot": lambda: Teapot("short and stout"),
    "unhandled": lambda: Unhandled("nobody"),
    "lookup": lambda: Lookup("key"),
    "bad-key": lambda: exceptions.BadRequestKeyError("key"),
    "gone": lambda: exceptions.Gone(response=Response("a response of its own", 299)),
    "server-error": lambda: exceptions.InternalServerError(original_exception=Fault("inside")),
    "redirect": lambda: RequestRedirect("http://elsewhere.test/"),
    "unknown-code": lambda: exceptions.HTTPException("codeless"),
    "assertion": lambda: AssertionError("no"),
    "system-exit": lambda: SystemExit(3),
    "generator-exit": lambda: GeneratorExit(),
    "handler-fails": lambda: ZeroDivisionError("the handler fails, too"),
    "handler-none": lambda: FloatingPointError("the handler gives nothing"),
}


def register(app: Flask) -> None:
    @app.route("/raise/<kind>", methods=["GET", "POST"])
    def fail(kind: str) -> None:
        raise RAISED[kind]()

    @app.route("/raise-from/<kind>")
    async def fail_in_coroutine(kind: str) -> None:
        raise RAISED[kind]()

    @app.route("/abort/<int:code>")
    def stop(code: int) -> None:
        abort(code, *([request.args["why"]] if "why" in request.args else []))

    @app.route("/abort/response")
    def stop_with_response() -> None:
        abort(Response("stopped", 211))

    @app.errorhandler(Fault)
    def handle_fault(error: Fault) -> tuple[str, int]:
        note("handler fault", type(error).__name__)
        return f"handled {error}", 512

    @app.errorhandler(LookupError)
    def handle_lookup(error: LookupError) -> str:
        note("handler lookup", type(error).__name__)
        return "looked up"

    @app.errorhandler(Teapot)
    def handle_teapot(error: Teapot) -> exceptions.HTTPException:
        note("handler teapot")
        return error

    @app.errorhandler(404)
    def handle_missing(error: exceptions.NotFound) -> tuple[dict[str, Any], int]:
        note("handler 404", request.endpoint, type(request.routing_exception).__name__)
        return {"missing": request.path}, 404

    @app.errorhandler(exceptions.Forbidden)
    def handle_forbidden(error: exceptions.Forbidden) -> tuple[str, int, dict[str, str]]:
        return "forbidden here", 403, {"X-Handled": "forbidden"}

    @app.errorhandler(ZeroDivisionError)
    def handle_badly(error: ZeroDivisionError) -> str:
        raise Unhandled("in the handler") from error

    @app.errorhandler(FloatingPointError)
    def handle_with_nothing(error: FloatingPointError) -> None:
        note("handler gives nothing")

    @app.errorhandler(502)
    async def handle_gateway(error: exceptions.BadGateway) -> tuple[str, int]:
        note("handler in a coroutine")
        return "bad gateway", 502
