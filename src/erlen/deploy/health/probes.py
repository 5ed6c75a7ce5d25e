"""The answers to ``/livez`` and ``/readyz``, by both protocols.

The gateway calls them before there is a context (``app.direct_answers``): no hook, no session and no check of
the host comes before. A request brings nothing but its method.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import typing as t
import weakref

from ...concurrency.loops import portal_of_thread
from .draining import is_draining
from .runs import Check, Result, Runner

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from ...app import Erlen

TEXT, JSON = "text/plain; charset=utf-8", "application/json"


class Reply(t.NamedTuple):
    """An answer before it is translated."""

    status: int
    body: bytes
    content_type: str = TEXT
    allow: str | None = None

    def headers(self) -> list[tuple[str, str]]:
        """Return the header fields."""
        headers = [("Content-Type", self.content_type), ("Content-Length", str(len(self.body)))]
        headers.append(("Cache-Control", "no-store"))
        return headers if self.allow is None else [*headers, ("Allow", self.allow)]


_ALIVE = Reply(200, b"ok\n")
_NOT_ALLOWED = Reply(405, b"Method Not Allowed\n", allow="GET, HEAD")
_REASONS = {200: "OK", 405: "METHOD NOT ALLOWED", 503: "SERVICE UNAVAILABLE"}


class Probe:
    """An answer to GET and HEAD; subclasses say what it is, on a thread and on a loop."""

    def reply(self) -> Reply:
        raise NotImplementedError

    async def reply_on_loop(self) -> Reply:
        raise NotImplementedError

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse, /) -> t.Iterable[bytes]:
        """Answer by WSGI."""
        method = environ["REQUEST_METHOD"]
        reply = self.reply() if method in ("GET", "HEAD") else _NOT_ALLOWED
        start_response(f"{reply.status} {_REASONS[reply.status]}", reply.headers())
        return [] if method == "HEAD" else [reply.body]

    async def asgi_app(self, scope: t.Any, receive: t.Any, send: t.Any, /) -> None:
        """Answer by ASGI."""
        method = scope["method"]
        reply = await self.reply_on_loop() if method in ("GET", "HEAD") else _NOT_ALLOWED
        headers = [(name.lower().encode(), value.encode()) for name, value in reply.headers()]
        with contextlib.suppress(OSError):  # the client has gone
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            body = b"" if method == "HEAD" else reply.body
            await send({"type": "http.response.body", "body": body})


class Liveness(Probe):
    """The answer to ``/livez``: this process answers."""

    def reply(self) -> Reply:
        return _ALIVE

    async def reply_on_loop(self) -> Reply:
        return _ALIVE


class Readiness(Probe):
    """The answer to ``/readyz``: whether all checks are ok, called side by side."""

    def __init__(self, app: Erlen, list_checks: t.Callable[[Erlen], list[Check]]) -> None:
        # A weak reference: the application has this object, and would keep itself alive.
        self._app = weakref.ref(app)
        self._list_checks = list_checks
        self._runners: dict[str, Runner] = {}
        self._pid = os.getpid()

    def reply(self) -> Reply:
        app = self._app()
        if app is None or is_draining():
            return _DRAINING
        # A thread that works for an ASGI server has its loop: WSGI middleware is around the application.
        portal = portal_of_thread()
        loop = None if portal is None else portal.loop
        pairs = [(runner, runner.begin(app, loop)) for runner in self._current(app)]
        for _, run in pairs:
            run.wait()
        return _reply_to([runner.conclude(app, run) for runner, run in pairs])

    async def reply_on_loop(self) -> Reply:
        app = self._app()
        if app is None or is_draining():
            return _DRAINING
        loop = asyncio.get_running_loop()
        pairs = [(runner, runner.begin(app, loop)) for runner in self._current(app)]
        for _, run in pairs:
            await run.wait_on_loop()
        return _reply_to([runner.conclude(app, run) for runner, run in pairs])

    def _current(self, app: Erlen) -> list[Runner]:
        if self._pid != os.getpid():
            # A forked child: what is under way in its parent ends only there.
            self._runners, self._pid = {}, os.getpid()
        return [self._runner_of(check) for check in self._list_checks(app)]

    def _runner_of(self, check: Check) -> Runner:
        runner = self._runners.setdefault(check.name, Runner(check))
        if runner.check != check:
            runner = self._runners[check.name] = Runner(check)
        return runner


_DRAINING = Reply(503, b'{"status": "draining"}\n', JSON)


def _reply_to(results: list[Result]) -> Reply:
    ready = all(result.status == "ok" for result in results)
    told = {
        "status": "ready" if ready else "not ready",
        "checks": {
            result.name: {"status": result.status, "milliseconds": result.milliseconds} for result in results
        },
    }
    return Reply(200 if ready else 503, f"{json.dumps(told)}\n".encode(), JSON)
