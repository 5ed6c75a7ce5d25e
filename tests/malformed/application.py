"""A small application that reads everything a request can hold. Made for either framework."""

from __future__ import annotations

from types import ModuleType
from typing import Any


def create(framework: ModuleType) -> Any:
    """Make the application with `flask` or `erlen`."""
    app = framework.Flask(__name__)
    app.secret_key = "k"
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    app.logger.disabled = True
    request, session = framework.request, framework.session

    @app.route("/")
    def index() -> str:
        return "alive"

    @app.route("/<int:number>/<path:rest>", methods=["GET", "POST"])
    def variables(number: int, rest: str) -> dict[str, Any]:
        return {"number": number, "rest": rest}

    @app.route("/everything", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def everything() -> dict[str, Any]:
        """Read all there is; each part may refuse with an HTTP exception."""
        return {
            "url": request.url,
            "args": request.args.to_dict(flat=False),
            "cookies": request.cookies.to_dict(flat=False),
            "headers": [list(header) for header in request.headers],
            "accept": [str(request.accept_mimetypes), str(request.accept_languages)],
            "range": [str(request.range), str(request.if_range)],
            "tags": [str(request.if_match), str(request.if_none_match), str(request.if_modified_since)],
            "authorization": str(request.authorization),
            "cache": str(request.cache_control),
            "form": request.form.to_dict(flat=False),
            "files": sorted(request.files),
            "data": len(request.get_data()),
            "session": sorted(map(str, session)),
        }

    @app.route("/json", methods=["POST", "PUT"])
    def json() -> Any:
        return {"json": request.get_json()}

    @app.route("/stream", methods=["POST"])
    def stream() -> str:
        return str(len(request.stream.read()))

    @app.route("/session")
    def keep() -> str:
        session["seen"] = str(request.user_agent)[:40]
        return "kept"

    @app.route("/fail", methods=["GET", "POST"])
    def fail() -> None:
        raise RuntimeError(request.headers.get("X-Why"))

    @app.route("/link")
    def link() -> str:
        return framework.url_for("variables", number=1, rest=request.args.get("rest", "x"), _external=True)

    return app
