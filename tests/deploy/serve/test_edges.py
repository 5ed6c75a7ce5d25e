"""The root path, the certificate and the pid file of a server that runs."""

from __future__ import annotations

import json
import os
import signal
import ssl
import stat
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.deploy.serve.running import CALM, COROUTINES, PATIENCE, PLAIN, serving
from tests.deploy.serve.test_tls import KEY, RSA_KEY, Key, certificate_of, written_key

pytestmark = pytest.mark.servers

SHOW = """
@app.get("/show/<path:rest>")
def show(rest):
    from flask import url_for
    return [rest, request.path, request.root_path, url_for("show", rest="x")]
"""
ECHO = """
@app.websocket("/echo")
async def echo():
    from erlen import websocket
    await websocket.accept()
    await websocket.send("hello")
"""


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
@pytest.mark.parametrize("root", ["/shop", "/größe"])
def test_an_application_below_a_root_path(interface: str, root: str, tmp_path: Path) -> None:
    code = PLAIN + SHOW if interface == "wsgi" else COROUTINES + SHOW + ECHO
    with serving(tmp_path, code, *CALM, "--root-path", f"{root}/") as server:
        below = quote(root)
        assert server.get(f"{below}/") == "one"
        status, _, headers = server.answer(below)
        assert (status, headers["location"].partition(str(server.port))[2]) == (308, f"{below}/")
        shown = json.loads(server.get(f"{below}/show/{quote('ü')}%20%3F"))
        assert shown == ["ü ?", "/show/ü ?", root, f"{root}/show/x"]
        for path in ("/", "/show/a", f"{below}ping", f"//{below}/", f"{below}%00/"):
            status, body, headers = server.answer(path)
            assert (status, body) == (404, "Not Found\n"), path
            assert headers["content-length"] == "10"
        if interface == "asgi":
            address = f"ws://127.0.0.1:{server.port}"
            with connect(f"{address}{below}/echo", open_timeout=PATIENCE) as websocket:
                assert websocket.recv(PATIENCE) == "hello"
            with pytest.raises(InvalidStatus) as caught:
                connect(f"{address}/echo", open_timeout=PATIENCE)
            assert caught.value.response.status_code in (403, 404)


@pytest.mark.parametrize("key", [KEY, RSA_KEY], ids=["ec", "rsa"])
@pytest.mark.parametrize("is_one_file", [False, True])
def test_a_certificate_is_served_from_tls_1_2_on(key: Key, is_one_file: bool, tmp_path: Path) -> None:
    certificate = certificate_of(key)
    (tmp_path / "certificate.pem").write_bytes(certificate + written_key(key) * is_one_file)
    (tmp_path / "key.pem").write_bytes(written_key(key))
    words = ["--cert", "certificate.pem", *([] if is_one_file else ["--key", "key.pem"])]
    with serving(tmp_path, PLAIN, *CALM, *words) as server:
        assert "on https://127.0.0.1:" in server.log
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=certificate.decode())
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.minimum_version = context.maximum_version = version
            address = f"https://localhost:{server.port}/"
            with urllib.request.urlopen(address, timeout=PATIENCE, context=context) as answer:
                assert answer.read() == b"one"


def test_the_files_of_a_server_are_as_asked_for_and_gone_in_the_end(tmp_path: Path) -> None:
    words = ["--unix", "shop.sock", "--mode", "606", "--group", str(os.getegid()), "--pid-file", "server.pid"]
    with serving(tmp_path, PLAIN, *CALM, *words) as server:
        assert (tmp_path / "server.pid").read_text() == f"{server.process.pid}\n"
        assert stat.S_IMODE((tmp_path / "shop.sock").stat().st_mode) == 0o606
        assert server.get("/") == "one"
        assert server.stop(signal.SIGTERM) == 0
        assert not (tmp_path / "server.pid").exists()
        assert not (tmp_path / "shop.sock").exists()


def test_the_files_of_a_server_that_was_killed_are_taken_over(tmp_path: Path) -> None:
    words = ["--unix", "shop.sock", "--pid-file", "server.pid"]
    with serving(tmp_path, PLAIN, *CALM, *words) as server:
        workers = server.workers()
        server.stop(signal.SIGKILL)
        # The workers end by themselves; while one has the socket open, it is not free.
        server.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    assert (tmp_path / "shop.sock").exists()
    assert (tmp_path / "server.pid").exists()
    with serving(tmp_path, PLAIN, *CALM, *words) as server:
        assert server.get("/") == "one"
        assert (tmp_path / "server.pid").read_text() == f"{server.process.pid}\n"
