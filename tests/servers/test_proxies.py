"""What an application is told behind a proxy, by each server, over TCP and over a Unix socket.

Each server is started as docs/how-to/run-behind-a-proxy.md says: so that it believes nothing by itself. This
test is the proxy.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect, unix_connect

from tests.contract.environment import Environment
from tests.contract.servers import _stop
from tests.docs.pages import DOCS
from tests.ports import free_port

from .servers import SERVERS, Server

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

PATIENCE = 30  # seconds
PAGE = DOCS / "how-to/run-behind-a-proxy.md"
APPLICATION = """\
from erlen import Erlen, request, url_for, websocket

app = Erlen(__name__)
app.config["TRUSTED_PROXY_HEADERS"] = [
    f"X-Forwarded-{name}" for name in ("For", "Proto", "Host", "Port", "Prefix")
]


@app.get("/trust/<path:name>")
def trust(name):
    app.config["TRUSTED_PROXIES"] = name
    return name


@app.get("/")
def index():
    return {
        "remote_addr": request.remote_addr,
        "is_secure": request.is_secure,
        "host": request.host,
        "root": request.root_path,
        "url": url_for("index", _external=True),
    }


@app.websocket("/socket")
async def socket():
    async for _ in websocket:
        await websocket.send(f"{websocket.remote_addr} {websocket.scheme} {websocket.url}")
"""
# What the page says that turns a server's own belief off.
OFF = {
    "gunicorn": "",
    "uwsgi": "--route-run setscheme:http",
    "waitress": "--no-clear-untrusted-proxy-headers",
    "uvicorn": "--no-proxy-headers",
}
# `erlen serve` believes nothing by itself.
ERLEN_SERVE = "erlen --app {app} serve --workers 1 --host 127.0.0.1 --port {port} --interface"
ALL = (
    *SERVERS,
    Server("erlen-serve-wsgi", f"{ERLEN_SERVE} wsgi"),
    Server("erlen-serve-asgi", f"{ERLEN_SERVE} asgi", "asgi"),
)
# How a server is told to listen on a Unix socket instead.
UNIX = {
    "gunicorn": ("--bind 127.0.0.1:{port}", "--bind unix:{path}"),
    "uwsgi": ("--http-socket 127.0.0.1:{port}", "--http-socket {path}"),
    "waitress-serve": ("--listen 127.0.0.1:{port}", "--unix-socket {path}"),
    "granian": ("--host 127.0.0.1 --port {port}", "--uds {path}"),
    "uvicorn": ("--host 127.0.0.1 --port {port}", "--uds {path}"),
    "erlen": ("--host 127.0.0.1 --port {port}", "--unix {path}"),
    "hypercorn": ("--bind 127.0.0.1:{port}", "--bind unix:{path}"),
}
FORWARDED = {
    "X-Forwarded-For": "1.2.3.4, 203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "shop.example",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Prefix": "/base",
}
BELIEVED = {
    "remote_addr": "203.0.113.7",
    "is_secure": True,
    "host": "shop.example:8443",
    "root": "/base",
    "url": "https://shop.example:8443/base/",
}
# What else servers and their proxies have had for it.
SPOOFED = FORWARDED | {
    "Forwarded": "for=1.2.3.4;proto=https;host=evil.example",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Protocol": "ssl",
    "X-Real-IP": "1.2.3.4",
    "Script_Name": "/",
}


@dataclass
class Running:
    """A server that runs, at a port or at the path of a socket."""

    place: int | Path
    process: subprocess.Popen[bytes]

    def connected(self) -> socket.socket:
        if isinstance(self.place, int):
            return socket.create_connection(("127.0.0.1", self.place), PATIENCE)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.place))
        except OSError:
            connection.close()
            raise
        return connection

    def get(self, path: str, headers: dict[str, str]) -> bytes:
        client = http.client.HTTPConnection("app.example")
        with contextlib.closing(client):
            client.sock = self.connected()
            client.request("GET", path, headers=headers | {"Connection": "close"})
            response = client.getresponse()
            body = response.read()
            assert response.status == 200, body
            return body

    def told(self, headers: dict[str, str]) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.get("/", headers))
        return data

    def websocket(self, headers: dict[str, str]) -> str:
        options: dict[str, Any] = {"additional_headers": headers, "open_timeout": PATIENCE}
        uri = "ws://app.example/socket"
        if isinstance(self.place, int):
            client = connect(uri, sock=self.connected(), proxy=None, **options)
        else:
            client = unix_connect(str(self.place), uri, **options)
        with client:
            client.send("from where?")
            return str(client.recv(timeout=PATIENCE))

    def wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None
            try:
                self.get("/", {})
            except (OSError, http.client.HTTPException):
                assert time.monotonic() < end
                time.sleep(0.05)
            else:
                return


@contextlib.contextmanager
def running(server: Server, over: str) -> Iterator[Running]:
    # Not pytest's folder: the path of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="proxy-") as name:
        folder = Path(name)
        (folder / "hello.py").write_text(APPLICATION)
        place = free_port() if over == "tcp" else folder / "app.sock"
        words = server.words
        kind = words.split()[0]
        if kind == "gunicorn":
            (folder / "gunicorn.conf.py").write_text(gunicorn_conf())
        if over == "unix":
            words = words.replace(*UNIX[kind])
        program, *rest = shlex.split(words.format(port=place, path=place, app="hello:app"))
        rest = [*shlex.split(OFF.get(kind.removesuffix("-serve"), "")), *rest]
        process = subprocess.Popen(
            [Path(sys.executable).parent / program, *rest],
            cwd=folder,
            env=Environment(Path(sys.prefix)).variables({"HOME": name}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            server_ = Running(place, process)
            server_.wait()
            yield server_
        finally:
            _stop(process)


def test_the_page_names_what_turns_each_server_off() -> None:
    page = PAGE.read_text()
    for option in ("--no-proxy-headers", "--no-clear-untrusted-proxy-headers", "route-run = setscheme:http"):
        assert f"`{option}`" in page
        assert any(option.replace(" = ", " ") in words for words in OFF.values())
    assert gunicorn_conf().splitlines() == ["secure_scheme_headers = {}", 'forwarder_headers = ""']


def gunicorn_conf() -> str:
    """Return gunicorn's configuration as the page has it."""
    _, _, rest = PAGE.read_text().partition('```python title="gunicorn.conf.py"\n')
    return rest.partition("```")[0]


@pytest.mark.parametrize("over", ["tcp", "unix"])
@pytest.mark.parametrize("server", ALL, ids=lambda server: server.name)
def test_only_a_trusted_proxy_is_believed(server: Server, over: str) -> None:
    own, other = ("127.0.0.1", "unix") if over == "tcp" else ("unix", "127.0.0.1")
    with running(server, over) as app:
        untouched = app.told({})
        assert untouched["remote_addr"] != "203.0.113.7"
        assert (untouched["is_secure"], untouched["host"], untouched["root"]) == (False, "app.example", "")
        for trusted in ("", other, "192.0.2.0/24"):
            app.get(f"/trust/{trusted}" if trusted else "/", {})
            assert app.told(SPOOFED) == untouched
            if server.protocol == "asgi":
                expected = f"{untouched['remote_addr']} ws ws://app.example/socket"
                assert app.websocket(SPOOFED) == expected
        app.get(f"/trust/{own}", {})
        assert app.told(FORWARDED) == BELIEVED
        if server.protocol == "asgi":
            assert app.websocket(FORWARDED) == "203.0.113.7 wss wss://shop.example:8443/base/socket"
        assert app.told({}) == untouched
        # A client's name with underscores, which the page says a proxy has to remove for two servers.
        mixed = app.told(FORWARDED | {"X_Forwarded_For": "1.2.3.4"})
        is_taken = server.name in ("uwsgi", "granian-wsgi", "erlen-serve-wsgi")
        assert mixed == BELIEVED | ({"remote_addr": "1.2.3.4"} if is_taken else {})
