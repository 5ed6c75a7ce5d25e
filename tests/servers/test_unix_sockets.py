"""What an application is told of a Unix socket, which each ASGI server describes in its own way."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.contract.environment import Environment
from tests.contract.servers import _stop

PATIENCE = 30  # seconds
APPLICATION = """\
from erlen import Erlen, request

app = Erlen(__name__)


@app.get("/")
async def index():
    environ = request.environ
    return f"{environ['SERVER_NAME']} {environ['SERVER_PORT']} {request.remote_addr}"
"""
COMMANDS = {
    "gunicorn": "gunicorn --worker-class asgi --bind unix:{path} hello:app",
    "uvicorn": "uvicorn --uds {path} hello:app",
    "uvicorn-h11": "uvicorn --http h11 --uds {path} hello:app",
    "hypercorn": "hypercorn --bind unix:{path} hello:app",
    "granian": "granian --interface asgi --uds {path} hello:app",
}


@pytest.mark.servers
@pytest.mark.parametrize("path", ["{folder}/a.sock", "relative.sock"], ids=["absolute", "relative"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_unix_socket_has_no_address(name: str, path: str) -> None:
    with tempfile.TemporaryDirectory(prefix="unix-") as name_of_folder:
        folder = Path(name_of_folder)
        (folder / "hello.py").write_text(APPLICATION)
        place = path.format(folder=folder)
        program, *words = COMMANDS[name].format(path=place).split()
        server = subprocess.Popen(
            [Path(sys.executable).parent / program, *words],
            cwd=folder,
            env=Environment(Path(sys.prefix)).variables({"HOME": name_of_folder}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            said = ask(server, folder / place)
        finally:
            _stop(server)

    assert said == "localhost 80 None"


def ask(server: subprocess.Popen[bytes], path: Path) -> str:
    """Ask once the server listens."""
    end = time.monotonic() + PATIENCE
    while True:
        assert server.poll() is None
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            try:
                client.connect(str(path))
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
                continue
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(65536), b""))
            return answer.partition(b"\r\n\r\n")[2].decode()
