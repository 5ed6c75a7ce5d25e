"""What the pages take for granted, and its substitute on the machine of the tests.

| a page says | here it is |
|---|---|
| a port, of 127.0.0.1 or after `listen` or `--port` | a free one: the same for the same number on the page |
| no address, where a server is started | 127.0.0.1 with the port that is the server's default |
| `/srv/hello`, `/run/hello` | the reader's folder |
| `/srv/hello/.venv` | the environment of the tests |
| `www-data` | whoever runs the tests |
| `https://shop.example`, `http://shop.example` | the proxy that the page has set up |
| `package:create_app`; `hello:app`, where no such file is shown | a package with a factory; what it returns |
| `cert.pem`, `key.pem` | a certificate for localhost |
| `make …` | `make --dry-run …`, in the checkout: its targets install packages, or run this test |
"""

from __future__ import annotations

import getpass
import re
import subprocess
import sys
from pathlib import Path

from tests.ports import free_port

from .pages import ROOT

# How each server is told an address, and the port that it takes without one.
ADDRESS = {
    "gunicorn": ("--bind 127.0.0.1:{}", 8000),
    "uvicorn": ("--host 127.0.0.1 --port {}", 8000),
    "hypercorn": ("--bind 127.0.0.1:{}", 8000),
    "granian": ("--host 127.0.0.1 --port {}", 8000),
    "waitress-serve": ("--listen 127.0.0.1:{}", 8080),
    "run": ("--port {}", 5000),  # erlen run, flask run
    "serve": ("--port {}", 5000),
}
STARTS = re.compile(
    r"^(?P<before>(?:[A-Z_]+=\S+ )*(?:python -m erlen\.as_flask -m )?"
    r"(?:(?:erlen|flask) (?:-\S+ (?:\w+ )?)*)?)"
    r"(?P<server>gunicorn|uvicorn|hypercorn|granian|waitress-serve|waitress|uwsgi|run|serve|celery|nginx)"
    r"(?= |$)(?P<words>.*)$"
)
# Options with which such a command starts nothing.
STARTS_NOTHING = ("--help", "--reload", "--check")
HAS_ADDRESS = re.compile(r"127\.0\.0\.1|--port|\.sock\b|--help|--check")
PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=--port )\d+")

PACKAGE = """\
from erlen import Erlen


def create_app():
    app = Erlen(__name__)
    app.add_url_rule("/", view_func=lambda: "Hello!")
    return app


app = create_app()
"""


class Substitutes:
    """What stands for the words of one page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports: dict[int, int] = {}

    def port(self, written: int) -> int:
        """Return the port that stands for one on the page."""
        if written not in self._ports:
            self._ports[written] = free_port()
        return self._ports[written]

    def in_text(self, text: str) -> str:
        """Return a file or a command as it is here."""
        text = re.sub(r"(?<=listen )(?=\d+[; ])", "127.0.0.1:", text)
        text = PORT.sub(lambda match: str(self.port(int(match[0]))), text)
        text = text.replace("/srv/hello/.venv", sys.prefix)
        text = re.sub(r"/(srv|run)/hello\b", str(self.folder), text)
        return text.replace("www-data", getpass.getuser())

    def in_command(self, command: str) -> str:
        if command.startswith("make"):
            return f"make --dry-run --directory {ROOT}{command.removeprefix('make')}"
        start = STARTS.match(command)
        if start and start["server"] in ADDRESS and not HAS_ADDRESS.search(command):
            option, port = ADDRESS[start["server"]]
            command = f"{start['before']}{start['server']} {option.format(port)}{start['words']}"
        return self.in_text(command)

    def provide(self) -> None:
        """Put there what pages take for granted."""
        (self.folder / "package").mkdir(exist_ok=True)
        (self.folder / "package/__init__.py").write_text(PACKAGE)
        if not (self.folder / "hello.py").exists():
            (self.folder / "hello.py").write_text("from package import app\n")

    def make_certificate(self) -> None:
        command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
        subprocess.run(
            [*command.split(), "-keyout", "key.pem", "-out", "cert.pem"],
            cwd=self.folder,
            check=True,
            capture_output=True,
        )
