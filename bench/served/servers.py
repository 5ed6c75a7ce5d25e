"""The servers, and how each is started: one worker, one thread for Python, no log."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PEERS = ("starlette", "fastapi", "litestar", "blacksheep")
WSGI = ("bare", "erlen", "flask")
ASGI = ("bare_asgi", "erlen_asgi", *PEERS)
PACKAGE = f"{__package__}.apps"


@dataclass(frozen=True)
class Server:
    """A server, the same words for each of its applications."""

    name: str
    title: str
    words: str
    apps: Sequence[str]
    modules: str  # what it imports: its version and its compiled modules are told
    helpers: int = 0  # processes that work, too, but run no application
    connections: int = 128
    # Where not applications are compared but ways to serve one: the words of each way, under a name that
    # stands where else an application does.
    ways: Mapping[str, str] = field(default_factory=dict)
    app: str = ""
    rounds: int = 0  # more than usual, where little is between those that are compared

    @property
    def bare(self) -> str:
        """The application without a framework, or the way, which the others are compared with."""
        return self.apps[0]

    def module(self, app: str) -> str:
        return f"{PACKAGE}.{self.app or app}"

    def command(self, app: str, port: int) -> list[str]:
        words = self.ways.get(app, self.words).format(port=port, app=self.module(app))
        program, *others = words.split()
        return [str(Path(sys.executable).parent / program), *others]


GRANIAN = (
    "granian --interface {interface} --host 127.0.0.1 --port {{port}} --workers 1 --http 1 --no-ws --no-log"
    " --no-access-log --runtime-threads 1 --blocking-threads 1 --backlog 1024 --backpressure 1024"
    " {more}{{app}}:app"
)
GUNICORN = (
    "gunicorn --worker-class gthread --workers 1 --threads 1 --bind 127.0.0.1:{port} --log-level critical"
    " --no-control-socket {app}:app"
)
# Its HTTP router is a process of its own, and shares the core. Without it uWSGI either keeps no connection
# alive, so that making connections would be measured, or answers one connection at a time.
UWSGI = (
    "uwsgi --http 127.0.0.1:{port} --http-keepalive --http-processes 1 --master --processes 1 --threads 1"
    " --need-app --disable-logging --die-on-term --module {app}:app"
)
UVICORN = (
    "uvicorn --host 127.0.0.1 --port {port} --loop uvloop --http httptools --ws none --no-access-log"
    " --log-level critical {app}:app"
)

# One of granian's threads reads requests, another calls the application. With few connections they hand over
# to each other at nearly every request, the more often the sooner the application has answered: then the bare
# function is no upper bound. With many it is one. So the number of connections is part of what is measured.
SERVERS = (
    Server("granian", "granian, WSGI", GRANIAN.format(interface="wsgi", more=""), WSGI, "granian"),
    Server(
        "granian-32",
        "granian, WSGI",
        GRANIAN.format(interface="wsgi", more=""),
        WSGI,
        "granian",
        connections=32,
    ),
    Server(
        "granian-8",
        "granian, WSGI",
        GRANIAN.format(interface="wsgi", more=""),
        WSGI,
        "granian",
        connections=8,
    ),
    Server("gunicorn", "gunicorn, gthread", GUNICORN, WSGI, "gunicorn"),
    Server("uwsgi", "uWSGI", UWSGI, WSGI, "pyuwsgi", helpers=1),
    Server(
        "granian-asgi",
        "granian, ASGI",
        GRANIAN.format(interface="asgi", more="--loop uvloop "),
        ASGI,
        "granian, uvloop",
    ),
    Server("uvicorn", "uvicorn", UVICORN, ASGI, "uvicorn, uvloop, httptools"),
)

SERVE = (
    "erlen --app {{app}}:app serve --interface {interface} --host 127.0.0.1 --port {{port}} --workers 1"
    " --threads 1 --backlog 1024 --backpressure 1024"
)


def beside(name: str, interface: str, app: str, connections: int) -> Server:
    """`erlen serve` beside granian itself, with the same settings and the same application."""
    granian = GRANIAN.format(interface=interface, more="--loop uvloop " if interface == "asgi" else "")
    if interface == "asgi":
        granian = granian.replace(" --no-ws", "")  # `erlen serve` has them
    ways = {"by_granian": granian, "by_erlen": SERVE.format(interface=interface)}
    title = f"erlen serve, {interface.upper()}"
    return Server(
        name, title, "", tuple(ways), "granian, uvloop", connections=connections, ways=ways, app=app, rounds=9
    )


BESIDE_GRANIAN = (
    beside("serve", "wsgi", "erlen", 128),
    beside("serve-8", "wsgi", "erlen", 8),
    beside("serve-asgi", "asgi", "erlen_asgi", 128),
)
