"""The servers, two workers each, and how each is told that the code has changed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.servers.lost.driver import Served

Reload = Callable[[Served, Path], float]
"""Asks a server to load the code anew; returns when."""


def hup(served: Served, folder: Path) -> float:
    return served.signal(signal.SIGHUP)


def chain(served: Served, folder: Path) -> float:
    """Ask uWSGI for one worker after the other, by the file it was told to listen to."""
    at = time.monotonic()
    (folder / "fifo").write_text("c")
    return at


@dataclass(frozen=True)
class Server:
    name: str
    title: str
    words: str
    modules: str
    """What it imports: its version is told."""
    interface: str = "wsgi"
    reload: Reload = hup

    def command(self, port: int, folder: Path) -> list[str]:
        return self.words.format(port=port, folder=folder).split()


GUNICORN = "gunicorn --bind 127.0.0.1:{port} --workers 2 --no-control-socket"
GRANIAN = "granian --host 127.0.0.1 --port {port} --workers 2 --respawn-failed-workers --interface"
ERLEN = "erlen --app hello serve --host 127.0.0.1 --port {port} --workers 2 --interface"

SERVERS = (
    Server("erlen", "erlen serve, WSGI", f"{ERLEN} wsgi --threads 8", "erlen, granian"),
    Server("erlen-asgi", "erlen serve, ASGI", f"{ERLEN} asgi", "erlen, granian", "asgi"),
    Server("gunicorn", "gunicorn, gthread", f"{GUNICORN} --threads 8 hello:app", "gunicorn"),
    Server(
        "gunicorn-asgi", "gunicorn, asgi", f"{GUNICORN} --worker-class asgi hello:app", "gunicorn", "asgi"
    ),
    Server("granian", "granian, WSGI", f"{GRANIAN} wsgi --blocking-threads 8 hello:app", "granian"),
    Server("granian-asgi", "granian, ASGI", f"{GRANIAN} asgi hello:app", "granian", "asgi"),
    Server(
        "uvicorn",
        "uvicorn",
        "uvicorn --host 127.0.0.1 --port {port} --workers 2 --no-access-log hello:app",
        "uvicorn",
        "asgi",
    ),
    Server(
        "hypercorn",
        "hypercorn",
        "hypercorn --bind 127.0.0.1:{port} --workers 2 hello:app",
        "hypercorn",
        "asgi",
    ),
    Server(
        "uwsgi",
        "uWSGI, chain reload",
        "uwsgi --http 127.0.0.1:{port} --http-keepalive --master --processes 2 --threads 8 --lazy-apps"
        " --need-app --disable-logging --die-on-term --master-fifo {folder}/fifo --module hello:app",
        "pyuwsgi",
        reload=chain,
    ),
)
"""All with as many threads. Without `--respawn-failed-workers` granian ends when a worker is killed."""
