"""Sessions, flashed messages, cookies."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from uuid import UUID

from flask import Flask, Response, flash, get_flashed_messages, make_response, request, session
from markupsafe import Markup

VALUES: dict[str, Any] = {
    "text": "größe",
    "tuple": (1, ("a", b"b")),
    "bytes": b"\x00\xff",
    "markup": Markup("<b>"),
    "uuid": UUID(int=7),
    "time": datetime(2024, 5, 1, 12, 30, tzinfo=timezone.utc),
    "dict": {" t": [1], "a": {"b": None}},
    "list": [1.5, True, None],
    "long": "x" * 5000,
    "impossible": object(),
}


def register(app: Flask) -> None:
    @app.route("/state/untouched")
    def untouched() -> str:
        return "untouched"

    @app.route("/state/read")
    def read() -> dict[str, str]:
        return {key: repr(value) for key, value in session.items()} | {
            "permanent": repr(session.permanent),
            "new": repr(session.new),
        }

    @app.route("/state/peek")
    def peek() -> str:
        return repr(
            (session.modified, session.accessed, "key" in session, session.modified, session.accessed)
        )

    @app.route("/state/set/<kind>")
    def set_value(kind: str) -> str:
        session["value"] = VALUES.get(kind, kind)
        return repr((session.modified, session.accessed))

    @app.route("/state/append")
    def append() -> str:
        items = session.setdefault("items", [])
        items.append(len(items))
        session.modified = "unmarked" not in request.args
        return repr(items)

    @app.route("/state/permanent/<int:on>")
    def permanent(on: int) -> str:
        session.permanent = bool(on)
        return repr(session.permanent)

    @app.route("/state/pop")
    def pop() -> str:
        return repr(session.pop("value", None))

    @app.route("/state/clear")
    def clear() -> str:
        session.clear()
        return repr(dict(session))

    @app.route("/state/vary")
    def vary() -> Response:
        session.get("value")
        response = make_response("vary")
        response.vary.add("Accept")
        return response

    @app.route("/state/then-fail")
    def then_fail() -> None:
        session["value"] = "before the failure"
        raise RuntimeError("after the session was written")

    @app.route("/state/flash/<message>")
    def flashing(message: str) -> str:
        flash(message)
        flash(Markup("<i>"), "warning")
        return "flashed"

    @app.route("/state/flashed")
    def flashed() -> list[Any]:
        wanted = request.args.getlist("category")
        first = get_flashed_messages(with_categories=True, category_filter=wanted)
        return [*first, len(get_flashed_messages())]

    @app.route("/cookies/set")
    def set_cookies() -> Response:
        response = make_response(dict(request.cookies))
        for name, value in request.args.items():
            response.set_cookie(name, value)
        return response
