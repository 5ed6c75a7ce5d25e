"""What `erlen serve` was asked for."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, fields

Interface = t.Literal["auto", "wsgi", "asgi"]

THREADS = 16


@dataclass(frozen=True)
class Settings:
    """The choices of one server. Times are seconds, memory is bytes; None means no limit."""

    app: str | None = None
    interface: Interface = "auto"
    workers: int = 1
    # For plain views, in each worker; None: THREADS under WSGI, and what the configuration says under ASGI.
    threads: int | None = None
    backlog: int = 1024
    backpressure: int | None = None
    root_path: str = ""
    certificate: str | None = None
    key: str | None = None
    chdir: str | None = None
    # The path of the interpreter; links in it are followed for each worker. None: that of the parent.
    interpreter: str | None = None
    # Where environment files are looked for at a reload; None: they are not read anew.
    environment_folder: str | None = None
    log_format: t.Literal["text", "json"] | None = None
    access_log: bool = False
    start_timeout: float = 60
    # How long answers say `Connection: close` before their worker stops.
    closing: float = 2
    grace: float = 30
    drain: float = 0
    request_timeout: float | None = None
    max_requests: int | None = None
    max_lifetime: float | None = None
    max_memory: int | None = None


@dataclass(frozen=True)
class Order:
    """What a worker is told when it starts: the settings, its sockets, and which worker it is."""

    settings: Settings
    slot: int
    # The descriptor of each listening socket, and whether it is a Unix socket.
    listeners: list[tuple[int, bool]]

    def as_message(self) -> dict[str, t.Any]:
        """Return the order as an object of JSON."""
        return asdict(self)

    @classmethod
    def from_message(cls, message: dict[str, t.Any]) -> Order:
        """Read what :meth:`as_message` wrote.

        It may have been written by another Erlen: the parent is not replaced at a reload. What this one does
        not know is left out.
        """
        listeners = [(int(fd), bool(is_unix)) for fd, is_unix in message["listeners"]]
        known = {each.name for each in fields(Settings)}
        settings = {name: value for name, value in message["settings"].items() if name in known}
        return cls(Settings(**settings), message["slot"], listeners)
