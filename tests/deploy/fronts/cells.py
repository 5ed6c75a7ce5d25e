"""Which fronts are tried with which servers, each at the root and below a path."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Front = t.Literal["nginx", "apache"]


@dataclass(frozen=True)
class Cell:
    """A front, a server behind it, and how they are connected."""

    front: Front
    # None where the front runs the application itself.
    server: str | None
    protocol: t.Literal["wsgi", "asgi"]
    prefix: str = ""
    port: int | None = None
    # The name of the folder with the code.
    folder: str = "current"
    # Further options.
    more: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the cell in the names of tests."""
        server = f"{self.server}-{self.protocol}" if self.server else "mod_wsgi"
        more = ("-by-port" if self.port else "") + ("-odd-folder" if self.folder != "current" else "")
        return f"{self.front}-{server}{more}{self.prefix.replace('/', '-')}"

    @property
    def options(self) -> list[str]:
        """What `erlen deploy` is told of it."""
        words = ["--interface", self.protocol]
        words += ["--server", self.server] if self.server else []
        words += ["--prefix", self.prefix] if self.prefix else []
        words += ["--port", str(self.port)] if self.port else []
        return [*words, *self.more]

    @property
    def targets(self) -> list[str]:
        """The targets whose files it is started from."""
        return [self.front, *([self.server] if self.server in ("gunicorn", "uwsgi") else [])]


_SERVERS: tuple[tuple[str, t.Literal["wsgi", "asgi"]], ...] = (
    ("erlen", "wsgi"),
    ("erlen", "asgi"),
    ("gunicorn", "wsgi"),
    ("gunicorn", "asgi"),
    ("uwsgi", "wsgi"),
    ("waitress", "wsgi"),
    ("granian", "wsgi"),
    ("granian", "asgi"),
    ("uvicorn", "asgi"),
    ("hypercorn", "asgi"),
)
# What means something in one of the files, or to a shell. There are signs that Apache cannot hold.
_ODD = "my shop; {1} #é"
_ODDER = f"{_ODD} 'a' \"b\" \\c\\"
CELLS = [
    *(Cell("nginx", server, protocol, prefix) for server, protocol in _SERVERS for prefix in ("", "/app")),
    # uWSGI speaks HTTP there.
    Cell("nginx", "uwsgi", "wsgi", "/app", port=8000),
    Cell("nginx", "waitress", "wsgi", port=8000),
    Cell("nginx", "gunicorn", "wsgi", folder=_ODDER),
    Cell("nginx", "erlen", "asgi", folder=_ODDER),
    Cell("nginx", "uwsgi", "wsgi", folder=_ODDER),
    Cell("apache", None, "wsgi", folder=_ODD),
    Cell("apache", None, "wsgi"),
    Cell("apache", None, "wsgi", "/app"),
    # ASGI is passed on: to a server that takes the whole path, to one for which the prefix is cut off, and to
    # one that listens on a port.
    Cell("apache", "erlen", "asgi"),
    Cell("apache", "erlen", "asgi", "/app"),
    Cell("apache", "uvicorn", "asgi", "/app"),
    Cell("apache", "hypercorn", "asgi", "/app", port=8000),
]
