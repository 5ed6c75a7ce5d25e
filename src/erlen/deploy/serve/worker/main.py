"""One worker: it loads the application, says that it is ready, serves, and does what its parent says.

It is started with the descriptor of a socket to its parent, and is told everything else by that.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
import typing as t

from ..errors import APPLICATION, ServeError
from ..settings import THREADS, Order
from .control import Control, leave
from .sockets import leave_to_others

if t.TYPE_CHECKING:
    from .granian_server import Server

# How long connections that have just been accepted have for their first request, and for TLS before it.
# The server closes those that have sent nothing when it stops.
_SECONDS_FOR_REQUESTS = 0.5
_SECONDS_FOR_HANDSHAKES = 2.0
# How long the functions for the end of serving may take after the grace.
_SECONDS_FOR_THE_END = 8.0


def main() -> None:
    """Run the worker of the descriptor in ``sys.argv``."""
    control = Control(int(sys.argv[1]))
    _leave_signals_to_parent(control)
    message = control.receive()
    if message is None:
        return
    _be_flask()
    order = Order.from_message(message)
    duty = Duty(control, order)
    threading.Thread(target=duty.obey, name="erlen-control", daemon=True).start()
    try:
        has_ended = _serve(order, duty, control)
    except ServeError as error:
        control.send("failed", message=error.message, status=error.status)
        leave(error.status)
    duty.end()
    if not has_ended:
        leave(0)


def _be_flask() -> None:
    """Let `import flask` mean Erlen, as for every command of `erlen`."""
    from erlen import as_flask

    as_flask.install()


def _leave_signals_to_parent(control: Control) -> None:
    """Ignore what a terminal sends to all, and pass on what somebody sends to this worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # In a thread: the main thread may have the lock of the socket.
    ask = threading.Thread(target=control.send, args=["asked to end"], daemon=True)

    def pass_on(*_: object) -> None:
        if ask.ident is None:
            ask.start()

    signal.signal(signal.SIGTERM, pass_on)


def _serve(order: Order, duty: Duty, control: Control) -> bool:
    """Serve until the parent says to stop; return False if something may still run."""
    from ..root_path import Under
    from .application import choose_interface, compile_plan, load, set_up_logs
    from .granian_server import Server
    from .lifespan import StartFailed

    settings = order.settings
    app = load(settings.app)
    set_up_logs(app, settings)
    interface, why = choose_interface(app, settings.interface)
    application = Under(settings.root_path, app) if settings.root_path else app

    threads = settings.threads or THREADS
    if interface == "asgi":
        if settings.threads is not None:
            app.config["ASGI_THREADS"] = settings.threads
        threads = app.config["ASGI_THREADS"]
    compile_plan(app)

    def ready() -> None:
        # PERF: what is there now stays, and the collector need not look at it again: under ASGI 6 % more
        # requests for the same processor time (CPython 3.11).
        gc.collect()
        gc.freeze()
        control.send("ready", app=app.name, interface=interface, why=why, threads=threads)

    server = Server(application, app, interface, order)
    duty.begin(server)
    try:
        return server.serve(ready)
    except StartFailed as error:
        raise ServeError(f"The application could not be started: {error}", APPLICATION) from None


class Duty:
    """What the worker does for its parent, on a thread of its own."""

    def __init__(self, control: Control, order: Order, leave: t.Callable[[int], object] = leave) -> None:
        self._control = control
        self._leave = leave
        self._order = order
        self._server: Server | None = None
        self._is_stopping = False
        # Held while requests are cut off: the process must not end before the parent knows which.
        self._cutting_off = threading.Lock()

    def begin(self, server: Server) -> None:
        """Take *server* as what the parent's messages are about."""
        self._server = server

    def end(self) -> None:
        """Tell the parent how many requests there were; the process ends behind that."""
        with self._cutting_off:
            self._control.send("ending", requests=self._total())

    def _total(self) -> int:
        return 0 if self._server is None else self._server.requests.total

    def obey(self) -> None:
        """Do what the parent says, until it has gone; then end as if it had said so."""
        while (message := self._control.receive()) is not None:
            getattr(self, f"_{message['do'].replace(' ', '_')}")(message)
        self._stop({})

    def _report(self, message: dict[str, t.Any]) -> None:
        requests = None if self._server is None else self._server.requests
        self._control.send(
            "answer",
            number=message["number"],
            requests=self._total(),
            under_way=0 if requests is None else requests.under_way(),
            oldest=None if requests is None else requests.oldest(),
            waiting=None if requests is None else requests.oldest_waiting(),
        )

    def _stacks(self, message: dict[str, t.Any]) -> None:
        from .stacks import stacks

        self._control.send("answer", number=message["number"], text=stacks(self._server))

    def _drain(self, message: dict[str, t.Any]) -> None:
        from erlen.deploy import health

        health.drain()

    def _close(self, message: dict[str, t.Any]) -> None:
        if self._server is not None:
            self._server.requests.closing = True

    def _stop(self, message: dict[str, t.Any]) -> None:
        if self._server is None or self._server.stop_before_listening():
            self._leave(0)
            return
        if self._is_stopping:
            return
        self._is_stopping = True
        self._server.requests.closing = True
        leave_to_others([fd for fd, _ in self._order.listeners])
        self._control.send("closed")
        settings = self._order.settings
        first = _SECONDS_FOR_HANDSHAKES if settings.certificate else _SECONDS_FOR_REQUESTS
        _call_later(min(first, settings.grace), self._stop_server)

    def _stop_server(self) -> None:
        assert self._server is not None  # it has been told to stop
        self._server.stop()
        settings = self._order.settings
        _call_later(max(0, settings.grace - _SECONDS_FOR_REQUESTS), self._cut_off)

    def _cut_off(self) -> None:
        assert self._server is not None  # it has been told to stop
        with self._cutting_off:
            self._control.send("cut off", lines=self._server.cut_off(_SECONDS_FOR_THE_END))
        self.end()
        self._leave(0)


def _call_later(seconds: float, function: t.Callable[[], object]) -> None:
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    main()
