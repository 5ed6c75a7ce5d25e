"""A worker's server: granian's HTTP in this very process, with sockets that the parent has opened."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
import typing as t
from concurrent.futures import TimeoutError as TimeoutOfFuture

from ..settings import THREADS
from . import asgi_runner, wsgi_runner
from .granian_names import WorkerSignal, begin, new_signal
from .lifespan import Lifespan, StartFailed
from .requests_under_way import Interface, Request, RequestsUnderWay
from .stacks import write_on_signal

if t.TYPE_CHECKING:
    import erlen

    from ..settings import Order
    from .granian_names import Runner

# How often the end of requests and the end of the grace are looked for, after granian has ended.
_TURN = 0.02
_SECONDS_FOR_GOODBYE = 1.0


class Server:
    """What serves *application* on the sockets of *order*, until it is told to stop.

    *app* is the Erlen application in it. `serve` belongs to the main thread, all other methods to any thread.
    """

    def __init__(self, application: t.Any, app: erlen.Erlen, interface: Interface, order: Order) -> None:
        self.requests = RequestsUnderWay(wsgi_runner.read if interface == "wsgi" else asgi_runner.read)
        self._application = application
        self._app = app
        self._interface: Interface = interface
        self._order = order
        self._lock = threading.Lock()
        # One for each socket, since granian serves one socket with one worker of its own.
        self._signals: list[WorkerSignal] = [new_signal() for _ in order.listeners]
        self._still_listening = len(self._signals)
        self._is_listening = False
        self._is_told_to_stop = False
        # By time.monotonic, when what has been cut off is not waited for any more.
        self._deadline: float | None = None
        # Whether granian has closed its sockets and its connections; on the loop too, under ASGI.
        self._has_closed = threading.Event()
        self._has_closed_on_loop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._has_ended = threading.Event()
        # Its errors are worth a line, its starts and stops are the parent's to tell.
        logging.getLogger("_granian").setLevel(logging.WARNING)
        write_on_signal()

    def serve(self, ready: t.Callable[[], None]) -> bool:
        """Start the application, serve, and let the application end.

        *ready* is called once the sockets are served. It returns False if something may still run, and the
        process has to be ended by force. Raises StartFailed if the application does not start.
        """
        try:
            return self._serve_wsgi(ready) if self._interface == "wsgi" else self._serve_asgi(ready)
        finally:
            self._has_ended.set()

    def stop_before_listening(self) -> bool:
        """Take no connection at all; return False, and do nothing, where it takes them already."""
        with self._lock:
            self._is_told_to_stop = self._is_told_to_stop or not self._is_listening
            return not self._is_listening

    def stop(self) -> None:
        """Take no more connections, let requests end, then return from `serve`."""
        with self._lock:
            told, self._is_told_to_stop = self._is_told_to_stop, True
        if told:
            return
        self._say_goodbye()
        for signal in self._signals:
            signal.set()

    def cut_off(self, seconds: float) -> list[str]:
        """Do not wait for the requests that are under way; return their lines.

        Tasks are cancelled, so that their teardown runs; threads cannot be ended. Then the application ends.
        This waits for all of that, *seconds* at most. Behind that the process is to be ended.
        """
        self.stop()
        lines = [request.line for request in self.requests.all()]
        with self._lock:
            self._deadline = time.monotonic() + seconds
            loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended just now, and its loop is closed
                loop.call_soon_threadsafe(self._cancel_tasks)
        self._has_closed.set()
        self._has_ended.wait(seconds)
        return lines

    # granian

    def _listen(self, runner: Runner, loop: asyncio.AbstractEventLoop, threads: int) -> None:
        with self._lock:
            if self._is_told_to_stop:
                raise StartFailed("It was told to stop before it listened.")
            self._is_listening = True
        settings = self._order.settings
        backpressure = settings.backpressure or max(1, settings.backlog // settings.workers)
        options: dict[str, t.Any] = {
            "py_threads": threads,
            "backpressure": backpressure,
            # Without TLS nobody asks for HTTP/2. And where granian has to find out what a connection speaks,
            # it closes those that have sent nothing yet as it stops.
            "http_mode": "auto" if settings.certificate else "1",
        }
        if settings.certificate is not None:
            # The parent has looked at both. What granian (2.8) cannot use ends the process by SIGABRT, and an
            # encrypted key is such a case, with its password or without.
            options |= {
                "ssl_enabled": True,
                "ssl_cert": settings.certificate,
                "ssl_key": settings.key,
                "ssl_protocol_min": "tls1.2",
            }
        for signal, (fd, is_unix) in zip(self._signals, self._order.listeners, strict=True):
            signal.add_cb(self._note_end)
            begin(self._interface, (fd, is_unix, settings.backlog), runner, loop, signal, options)

    def _note_end(self) -> None:
        with self._lock:
            self._still_listening -= 1
            if self._still_listening:
                return
            loop = self._loop
        self._has_closed.set()
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._has_closed_on_loop.set)

    # WSGI

    def _serve_wsgi(self, ready: t.Callable[[], None]) -> bool:
        app, settings = self._app, self._order.settings
        if app.is_to_be_started():
            try:
                app.serving_state.start_from_thread(app)
            except Exception as error:
                app.logger.error("The start of serving failed.", exc_info=error)
                raise StartFailed(f"{type(error).__name__}: {error}") from error
        is_one_of_many = settings.workers > 1
        runner = wsgi_runner.make_runner(self._application, self.requests, is_one_of_many=is_one_of_many)
        loop = asyncio.new_event_loop()  # granian wants one, and does not run it
        try:
            self._listen(runner, loop, settings.threads or THREADS)
            ready()
            self._has_closed.wait()
            # A thread has work to do after its last byte.
            while self.requests.entries and self._deadline is None:
                time.sleep(_TURN)
        finally:
            loop.close()
        app.serving_state.stop_from_thread(app, self._seconds_left())
        return not self.requests.entries

    def _seconds_left(self) -> float | None:
        return None if self._deadline is None else max(0.1, self._deadline - time.monotonic())

    # ASGI

    def _say_goodbye(self) -> None:
        """Close the WebSockets in order: granian breaks them off as it stops."""
        loop = self._loop
        if loop is None or not self.requests.entries:
            return
        goodbye = asgi_runner.close_websockets(self.requests)
        try:
            asyncio.run_coroutine_threadsafe(goodbye, loop).result(_SECONDS_FOR_GOODBYE)
        except (asyncio.TimeoutError, TimeoutOfFuture):
            pass  # a loop that hangs: nobody reads either
        except RuntimeError:
            goodbye.close()  # the loop is closed

    def _serve_asgi(self, ready: t.Callable[[], None]) -> bool:
        loop = _new_loop()
        asyncio.set_event_loop(loop)
        with self._lock:
            self._loop = loop
        try:
            ended = loop.run_until_complete(self._run_asgi(loop, ready))
            if ended:
                _end_tasks(loop)
        finally:
            asyncio.set_event_loop(None)
            loop.close()
        return ended

    async def _run_asgi(self, loop: asyncio.AbstractEventLoop, ready: t.Callable[[], None]) -> bool:
        lifespan = Lifespan(self._application)
        await lifespan.start()
        requests = self.requests
        requests.when_closing = lambda: loop.call_soon_threadsafe(asgi_runner.say_close, requests)
        self._listen(asgi_runner.make_runner(self._application, requests, lifespan.state), loop, 1)
        ready()
        await self._has_closed_on_loop.wait()
        # An answer may be complete, and its connection closed, long before its task has ended.
        while requests.entries:
            if self._deadline is not None:
                break
            await asyncio.sleep(_TURN)
        # Requests that were cut off are waited for in this, half of the time.
        stopping = asyncio.create_task(lifespan.stop())
        while not stopping.done():
            if self._deadline is not None and time.monotonic() >= self._deadline:
                return False
            await asyncio.sleep(_TURN)
        return not requests.entries

    def tasks(self) -> list[tuple[Request, asyncio.Task[t.Any]]]:
        """Return the requests that are under way with their tasks; there are none under WSGI."""
        loop = self._loop
        return [] if loop is None else asgi_runner.tasks(loop, self.requests)

    def _cancel_tasks(self) -> None:
        if self._deadline is not None:
            config, half = self._app.config, (self._deadline - time.monotonic()) / 2
            config["ASGI_TEARDOWN_TIMEOUT"] = min(config["ASGI_TEARDOWN_TIMEOUT"], half)
        for _, task in self.tasks():
            task.cancel()
        self._has_closed_on_loop.set()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what still runs on *loop* and let it end, as `asyncio.run` does."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
