"""The application that all fronts and servers serve in these tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, redirect, request, session, url_for, websocket

from erlen.deploy import health
from erlen.eventstream import EventStream, ServerSentEvent

HERE = Path(__file__).parent
LIMIT = 100_000

app = Flask(__name__)
app.config.update(
    SECRET_KEY="the fronts are tested with this key, and nothing else is",
    TRUSTED_HOSTS=["shop.example", "www.shop.example"],
    TRUSTED_PROXIES=["unix", "127.0.0.1"],
    TRUSTED_PROXY_HEADERS=["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Prefix"],
    MAX_CONTENT_LENGTH=LIMIT,
    HSTS_SECONDS=3600,
)
health.init_app(app)


@app.after_request
def sign(response: Response) -> Response:
    """Show that the application has answered, and not the front."""
    response.headers["X-Application"] = "pages"
    return response


@app.get("/")
def index() -> str:
    pages = [url_for("hello", name="a b"), url_for("moved"), url_for("static", filename="css/shop.css")]
    return " ".join([*pages, url_for("index", _external=True)])


@app.get("/hello/<name>")
def hello(name: str) -> str:
    return f"Hello, {name}! {request.args.get('x', '')}"


@app.get("/whoami")
def whoami() -> dict[str, object]:
    return {
        "address": request.remote_addr,
        "scheme": request.scheme,
        "host": request.host,
        "root": request.root_path,
        "protocol": "asgi" if "asgi.scope" in request.environ else "wsgi",
        "headers": {name.lower(): value for name, value in request.headers},
    }


@app.get("/moved")
def moved() -> object:
    return redirect(url_for("hello", name="again"))


@app.get("/below/")
def below() -> str:
    return "below"


@app.post("/upload")
def upload() -> str:
    return str(len(request.get_data()))


@app.route("/method", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def method() -> str:
    return f"{request.method} {request.get_data(as_text=True)}"


@app.get("/cookie")
def cookie() -> str:
    return str(sum(map(len, request.cookies.values())))


@app.get("/log-in")
def log_in() -> str:
    # Nearly all that a cookie can hold, and nothing that can be compressed.
    session["long"] = "".join(sha256(b"%d" % number).hexdigest() for number in range(78))
    return "logged in"


@app.get("/fail")
def fail() -> str:
    raise RuntimeError("This page fails.")


@app.get("/download")
def download() -> Response:
    def pieces() -> Iterator[bytes]:
        for number in range(200):
            yield bytes([number]) * 100_000

    return Response(pieces(), mimetype="application/octet-stream")


@app.get("/events/<gate>")
def events(gate: str) -> EventStream:
    def source() -> Iterator[ServerSentEvent]:
        yield ServerSentEvent("first")
        end = time.monotonic() + 20
        while not (HERE / "gates" / gate).exists() and time.monotonic() < end:
            time.sleep(0.01)
        yield ServerSentEvent("last")

    return EventStream(source())


@app.get("/wait/<gate>")
def wait(gate: str) -> str:
    (HERE / "gates" / f"{gate}-waits").touch()
    end = time.monotonic() + 20
    while not (HERE / "gates" / gate).exists() and time.monotonic() < end:
        time.sleep(0.01)
    return "waited"


@app.get("/process")
def process() -> str:
    return f"{os.getpid()} {os.environ.get('FROM_THE_FILE')}"


@app.websocket("/echo/<room>")
async def echo(room: str) -> None:
    async for message in websocket:
        await websocket.send(f"{room} {websocket.scheme} {websocket.root_path}: {message}")
