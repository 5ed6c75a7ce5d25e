"""What a worker uses of granian beyond its documented interface, all in one place.

granian's own command starts processes, binds sockets and handles signals. A worker of `erlen serve` has its
process, its sockets and its parent already, so it drives the part behind that. The names may change with any
release: the extra `serve` allows those that ``tests/deploy/serve/worker/test_granian_names.py`` has run.
"""

from __future__ import annotations

import importlib
import typing as t

if t.TYPE_CHECKING:
    import asyncio

    from .requests_under_way import Interface

# The modules, and the names in each.
NAMES = {
    "granian._granian": ("ASGIWorker", "SocketHolder", "WSGIWorker", "WorkerSignal"),
    "granian._futures": ("_new_cbscheduler",),
}
# The parameters of the two classes of workers that are given; all others keep granian's defaults.
WORKER_PARAMETERS = (
    "worker_id",
    "sock",
    "ipc",
    "py_threads",
    "backpressure",
    "http_mode",
    "ssl_enabled",
    "ssl_cert",
    "ssl_key",
    "ssl_protocol_min",
    "websockets_enabled",  # of ASGIWorker alone
)
# The methods that serve, for TCP and for Unix sockets.
SERVE_METHODS = {False: "serve_mtr", True: "serve_mtr_uds"}

# What granian calls for a request: under WSGI with a WsgiProtocol and a new dict that has the request in it,
# under ASGI with an AsgiWatcher.
Runner = t.Callable[..., t.Any]


class WorkerSignal(t.Protocol):
    """What stops a worker, from any thread; a second `set` may block for ever."""

    def set(self) -> None:
        """Let the worker stop: it takes no more connections, and ends when those that it has are closed."""

    def add_cb(self, callback: t.Callable[[], object]) -> None:
        """Note what is called, on a thread of granian's, when the worker has ended."""


class WsgiProtocol(t.Protocol):
    """What granian passes for one request under WSGI."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Send an answer whose body is known."""

    def response_iter(self, status: int, headers: list[tuple[str, str]], body: object) -> None:
        """Send an answer whose body comes from ``__next__``, then call its ``close``."""


class AsgiWatcher(t.Protocol):
    """What granian passes for one request or WebSocket under ASGI."""

    scope: dict[str, t.Any]
    # Its functions `receive` and `send`, and the status that it has sent, as `sent_response_code`.
    proto: t.Any

    def done(self) -> None:
        """Say that the application has ended: 500 if it has sent nothing."""

    def err(self, error: BaseException) -> None:
        """Do what `done` does, and log the error."""


def new_signal() -> WorkerSignal:
    """Make the signal for one worker."""
    signal: WorkerSignal = _name("granian._granian", "WorkerSignal")()
    return signal


def begin(
    interface: Interface,
    listener: tuple[int, bool, int],
    runner: Runner,
    loop: asyncio.AbstractEventLoop,
    signal: WorkerSignal,
    options: t.Mapping[str, t.Any],
) -> None:
    """Serve a listening socket: the descriptor, whether it is a Unix socket, and its backlog.

    It returns when the socket is served, and what serves it runs on threads of its own. The descriptor is
    granian's from then on.
    """
    fd, is_unix, backlog = listener
    socket = _name("granian._granian", "SocketHolder")(fd, is_unix, backlog)
    if interface == "wsgi":
        kind = "WSGIWorker"
    else:
        kind, options = "ASGIWorker", {**options, "websockets_enabled": True}
    worker = _name("granian._granian", kind)(worker_id=1, sock=(None, socket), ipc=None, **options)
    scheduler = _name("granian._futures", "_new_cbscheduler")(loop, runner, impl_asyncio=True)
    getattr(worker, SERVE_METHODS[is_unix])(scheduler, loop, signal)


def _name(module: str, name: str) -> t.Any:
    assert name in NAMES[module]
    return getattr(importlib.import_module(module), name)
