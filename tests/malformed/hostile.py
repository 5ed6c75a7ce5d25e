"""The application of the hostile table: each view reads or makes one thing that a client can abuse."""

from __future__ import annotations

import functools
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from erlen import (
    Erlen,
    Response,
    abort,
    redirect,
    render_template_string,
    request,
    send_file,
    send_from_directory,
    session,
    stream_request,
    url_for,
    websocket,
)

SECRET = "what nobody may read"
LIMIT = 100_000  # bytes
FOLDER = Path(tempfile.gettempdir()) / "erlen-hostile"
(FOLDER / "public").mkdir(parents=True, exist_ok=True)
(FOLDER / "public" / "page.txt").write_text("public page")
(FOLDER / "secret.txt").write_text(SECRET)


def create(colour: str, **config: Any) -> Erlen:
    """Make the application, all views of it plain ("plain") or coroutines ("coroutine")."""
    app = Erlen(__name__, static_folder=str(FOLDER / "public"), static_url_path="/static")
    app.secret_key = "k"
    app.config.update({"MAX_CONTENT_LENGTH": LIMIT, **config})
    for rule, view in VIEWS.items():
        methods = ["GET", "POST", "PUT", "DELETE"]
        app.add_url_rule(
            rule, view.__name__, view if colour == "plain" else _coroutine(view), methods=methods
        )
    parts = _parts if colour == "plain" else _parts_async
    app.add_url_rule("/parts", "parts", stream_request(parts), methods=["POST"])
    app.add_url_rule("/folder/", "folder", lambda: "folder")
    app.websocket("/ws")(_echo)
    return app


def _coroutine(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    async def run(**values: Any) -> Any:
        return view(**values)

    return run


def alive() -> str:
    return "alive"


def path(rest: str) -> str:
    return ascii(rest)


def number(number: int) -> str:
    return str(number)


def everything() -> dict[str, Any]:
    return {
        "url": [request.url, request.base_url, request.host_url, request.full_path],
        "args": request.args.to_dict(flat=False),
        "cookies": request.cookies.to_dict(flat=False),
        "accept": [
            str(request.accept_mimetypes),
            str(request.accept_languages),
            str(request.accept_encodings),
        ],
        "range": [str(request.range), str(request.if_range)],
        "tags": [str(request.if_match), str(request.if_none_match), str(request.if_modified_since)],
        "authorization": str(request.authorization),
        "cache": str(request.cache_control),
        "mimetype": [request.mimetype, request.mimetype_params],
        "agent": str(request.user_agent),
        "route": [str(address) for address in request.access_route],
        "session": sorted(map(str, session)),
        "form": request.form.to_dict(flat=False),
        "files": sorted(request.files),
        "data": len(request.get_data()),
    }


def url() -> str:
    return request.url


def host() -> str:
    return request.host


def arguments() -> list[Any]:
    return [list(item) for item in request.args.items(multi=True)]


def cookies() -> list[Any]:
    return [list(item) for item in request.cookies.items(multi=True)]


def kept() -> list[Any]:
    return sorted(map(list, session.items()))


def form() -> list[Any]:
    fields = [list(item) for item in request.form.items(multi=True)]
    return fields + [
        [name, file.filename, len(file.read())] for name, file in request.files.items(multi=True)
    ]


def data() -> str:
    return str(len(request.get_data()))


def as_json() -> Any:
    return {"json": request.get_json()}


def best() -> str:
    return str(request.accept_mimetypes.best_match(["text/html", "application/json"]))


def method() -> str:
    return request.method


def seen() -> str:
    return ascii([request.headers.get(name) for name in ("X-A", "X-Forwarded-For", "Proxy")])


def length() -> str:
    return str(request.content_length)


def sent(name: str) -> Response:
    return send_from_directory(FOLDER / "public", name)


def file() -> Response:
    return send_file(FOLDER / "public" / "page.txt", conditional=True)


def download() -> Response:
    try:
        return send_file(io.BytesIO(b"x"), "text/plain", True, request.args["name"])
    except ValueError:
        abort(400)


def moved() -> Any:
    try:
        return redirect(request.args["to"])
    except ValueError:
        abort(400)


def header() -> Response:
    response = Response("x")
    try:
        response.headers["X-A"] = request.args["value"]
    except ValueError:
        abort(400)
    return response


def cookie() -> Response:
    response = Response("x")
    response.set_cookie("a", request.args["value"])
    return response


def link() -> str:
    return url_for("path", rest=request.args["rest"], _external="external" in request.args)


def template() -> str:
    return render_template_string("<p title='{{ value }}'>{{ value }}</p>", value=request.args["value"])


VIEWS: dict[str, Callable[..., Any]] = {
    "/": alive,
    "/path/<path:rest>": path,
    "/int/<int:number>": number,
    "/sent/<path:name>": sent,
    **{
        f"/{view.__name__}": view
        for view in (
            *(
                everything,
                url,
                host,
                arguments,
                cookies,
                kept,
                form,
                data,
                as_json,
                best,
                method,
                seen,
                length,
            ),
            *(file, download, moved, header, cookie, link, template),
        )
    },
}


def _parts() -> list[Any]:
    return [[part.name, part.filename, len(part.read())] for part in request.stream_parts()]


async def _parts_async() -> list[Any]:
    return [[part.name, part.filename, len(await part.read())] async for part in request.stream_parts()]


async def _echo() -> None:
    await websocket.accept()
    async for message in websocket:
        await websocket.send(message)
