"""Views that read what the client sent: forms, files, JSON, plain bytes."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request

METHODS = ["POST", "PUT", "PATCH", "DELETE", "GET"]


def register(app: Flask) -> None:
    @app.route("/form", methods=METHODS)
    def form() -> dict[str, Any]:
        return {
            "form": list(request.form.items(multi=True)),
            "files": [_told(field, file) for field, file in request.files.items(multi=True)],
            "rest": request.get_data().decode("latin-1"),
        }

    @app.route("/form/key", methods=METHODS)
    def form_key() -> str:
        return request.form["key"]

    @app.route("/files/key", methods=METHODS)
    def files_key() -> dict[str, Any]:
        return _told("key", request.files["key"])

    @app.route("/json", methods=METHODS)
    def json() -> dict[str, Any]:
        return {"json": request.json}

    @app.route("/json/<how>", methods=METHODS)
    def json_how(how: str) -> dict[str, Any]:
        options = {word: True for word in how.split("+") if word in ("force", "silent")}
        return {
            "json": request.get_json(**options, cache="again" not in how),
            "again": request.get_json(silent=True),
        }

    @app.route("/data", methods=METHODS)
    def data() -> dict[str, str]:
        return {"data": request.data.decode("latin-1"), "form": repr(request.form)}

    @app.route("/text", methods=METHODS)
    def text() -> str:
        return request.get_data(as_text=True)

    @app.route("/stream-in/<int:size>", methods=METHODS)
    def stream_in(size: int) -> dict[str, Any]:
        first = request.stream.read(size)
        return {"first": first.decode("latin-1"), "rest": request.stream.read().decode("latin-1")}

    @app.route("/limit/<int:limit>", methods=METHODS)
    def limit(limit: int) -> dict[str, Any]:
        request.max_content_length = limit
        request.max_form_parts = 2
        return {"form": list(request.form.items(multi=True)), "length": len(request.get_data())}

    @app.route("/unread", methods=METHODS)
    def unread() -> str:
        return current_app.name


def _told(field: str, file: Any) -> dict[str, Any]:
    headers = sorted(file.headers)
    return {
        "field": field,
        "name": file.filename,
        "type": file.content_type,
        "headers": headers,
        "size": len(file.read()),
    }
