"""A request on a thread, for an ASGI server: one job from the first hook, or the call of WSGI code, to the
end of the body.

An asynchronous body is sent by the loop, and costs no thread.
"""

from __future__ import annotations

import contextvars
import typing as t
from functools import partial

from ...active import OWN, set_state
from ...concurrency.one_context import RunInContext
from ...concurrency.pool import pool_of
from ...logging import escaped
from ...serve.matching import match
from ...serve.steps import run
from ...serve.teardown import release
from ...wrappers.async_body import SentAsyncBody
from ...wrappers.known_files import FileAnswer
from .messages import Head, Unsendable, head_of, plain_head, refuse, send_whole, whole_file
from .sender import Stream, close, pump

if t.TYPE_CHECKING:
    from contextvars import Token

    from ...active import State
    from ...concurrency.job import Job
    from ...concurrency.pool import Pool
    from ...plan.model import Plan
    from ...serve.request_context import RequestContext
    from .context import HttpContext
    from .messages import File
    from .types import Scope, Send

    # The pair that is active for a request, and the token that resets it.
    Active: t.TypeAlias = tuple[State, Token[State]]


class RunOnLoop(Exception):
    """A signal that a function of the chain is a coroutine function, so that the loop has to go on."""

    def __init__(self, active: Active) -> None:
        self.active = active


class Bridge:
    """What answers one request on a thread, and its answer on the way to the server.

    *call* is given this, begins an answer by :meth:`start_response` or :meth:`start_plainly`, and returns the
    body.
    """

    def __init__(
        self, context: HttpContext, call: t.Callable[[Bridge], t.Iterable[bytes]], send: Send
    ) -> None:
        self._context = context
        self._call = call
        self._send = send
        self._head: Head | None = None
        self._written: list[bytes] = []
        # Whether the head goes out as it is; the thread's job; a body that the loop has to send.
        self._is_sent = False
        self._job: Job | None = None
        self._async_body: SentAsyncBody | None = None
        # What sends a body in pieces; whether the task has been cancelled before there was one.
        self._stream: Stream | None = None
        self._is_cancelled = False

    async def answer(self, variables: contextvars.Context) -> None:
        """Answer the request on a thread. Raises PoolIsFull, and what the application raises."""
        pool = pool_of(self._context.app)
        try:
            body = await pool.run_in(variables, self._answer, when_cancelled=self._cancel)
        except Unsendable as error:
            log_unsendable(self._context, error)
            await refuse(self._send, "500 INTERNAL SERVER ERROR", UNSENDABLE)
            return
        except BaseException:
            if self._async_body is not None:  # it was cancelled meanwhile
                await self._close_async(pool, variables, self._async_body)
            raise
        if self._async_body is not None:
            close_body = partial(self._close_async, pool, variables, self._async_body)
            stream = self._make_stream()
            await RunInContext(
                variables, stream.send_async(self._sent_head(), self._async_body.source, close_body)
            )
        elif body is not None:
            await send_whole(self._send, self._sent_head(), body)

    def _cancel(self) -> None:
        """Let the thread wait for nobody: the request is cancelled, or its client has gone."""
        self._is_cancelled = True
        if self._stream is not None:
            self._stream.stop()
        self._context.cancel_body()
        if self._job is not None and not self._is_sent:
            self._job.cancel_awaited()

    def _make_stream(self) -> Stream:
        context = self._context
        self._stream = stream = Stream(context.receive, self._send, lambda: context.body)
        # The loop may cancel at this very moment: it notes that before it looks for a stream.
        if self._is_cancelled:
            stream.gone = True
        return stream

    async def _close_async(self, pool: Pool, variables: contextvars.Context, body: SentAsyncBody) -> None:
        """Close the source on the loop; what may call plain functions of the application, on a thread."""

        async def to_thread(function: t.Callable[..., None], *args: t.Any) -> None:
            await pool.run_in(variables, lambda _: function(*args), patient=True)

        try:
            await body.source.aclose(partial(release, to_thread))
        finally:
            await to_thread(body.close)

    # on the thread

    def _answer(self, job: Job) -> bytes | File | None:
        """Call what answers; return the body, or None where that is sent piece by piece."""
        self._job = job
        job.before_coroutine = self._context.prepare_coroutine_from_thread
        body = self._call(self)
        if type(body) is list or type(body) is tuple:
            self._sent_head()
            return b"".join([*self._written, *body])
        if isinstance(body, SentAsyncBody) and self._head is not None and not self._written:
            self._is_sent = True
            self._async_body = body
            return None
        try:
            whole = self._whole(body)
            pieces = body if self._head is not None and not self._written else self._begun(body)
        except BaseException:
            close(body)
            raise
        if whole is not None:
            close(body)
            return whole
        self._is_sent = True
        pump(job, self._make_stream(), self._sent_head(), pieces)
        return None

    def _whole(self, body: t.Any) -> File | None:
        head = self._head
        return None if head is None or self._written else whole_file(self._context.scope, head, body)

    def _begun(self, body: t.Iterable[bytes]) -> t.Iterable[bytes]:
        """Take the first piece: by then start_response has to have been called (PEP 3333)."""
        pieces = iter(body)
        first = next(pieces, b"")
        self._sent_head()
        return _WithFirstPiece(b"".join([*self._written, first]), pieces, body)

    def _sent_head(self) -> Head:
        if self._head is None:
            raise AssertionError("The WSGI application returned a body without calling start_response().")
        return self._head

    def start_plainly(self, head: Head) -> None:
        """Begin an answer that has nothing to be checked."""
        self._head = head

    def start_response(self, status: str, headers: t.Any, exc_info: t.Any = None, /) -> t.Any:
        """Begin an answer, as PEP 3333 has it."""
        if exc_info is not None and self._is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        # Before anything has been sent, a second call may replace the first.
        if self._head is not None and exc_info is None:
            raise AssertionError("start_response() was called a second time, without exc_info (PEP 3333).")
        self._head = head_of(status, list(headers))
        return self._written.append


class _WithFirstPiece:
    """A body whose first piece has been read already."""

    def __init__(self, first: bytes, rest: t.Iterator[bytes], body: t.Iterable[bytes]) -> None:
        self._first, self._rest = first, rest
        self.close = getattr(body, "close", lambda: None)

    def __iter__(self) -> t.Iterator[bytes]:
        yield self._first
        yield from self._rest


def run_cycle(
    context: HttpContext,
    plan: Plan,
    runs_on_loop: t.Callable[[RequestContext, Plan], bool],
    bridge: Bridge,
) -> t.Iterable[bytes]:
    """Do what ``wsgi_app`` does, for a context that was made on the loop.

    It may be unmatched, where functions of the application have to be called for that. Then RunOnLoop is
    raised if *runs_on_loop* returns true for the match.
    """
    app = context.app
    state = (context, OWN)
    token = set_state(state)
    error: BaseException | None = None
    if context.plan is None:
        error = _find_route(context, plan)
        if error is None and runs_on_loop(context, plan):
            raise RunOnLoop((state, token))
    try:
        try:
            if error is not None:
                raise error
            answer = run(app, context, plan)
        except BaseException as raised:
            error = raised
            if not isinstance(raised, Exception):
                raise
            answer = app.handle_exception(raised)
        if type(answer) is tuple:
            heading, body, more = answer
            bridge.start_plainly(plain_head(heading, len(body), more))
            return [] if context.method == "HEAD" else [body]
        if type(answer) is FileAnswer:
            bridge.start_plainly(head_of(answer.status, answer.pairs))
            return t.cast("t.Iterable[bytes]", answer.body)  # as a server takes it
        pieces = answer(context.environ, bridge.start_response)  # type: ignore[operator]
        if context.made_streams:
            context.wait_for_streams_in(pieces)
        return pieces
    finally:
        if error is not None and app.should_ignore_error(error):
            error = None
        context.finish(plan, state, token, error)
        error = None  # it holds this frame: no cycle for the garbage collector


def _find_route(context: RequestContext, plan: Plan) -> BaseException | None:
    """Open the session and match the URL; return what was raised."""
    try:
        if not plan.lazy_session:
            context.open_session()
        match(context, plan, context.environ)
    except BaseException as error:
        return error
    return None


UNSENDABLE = "Internal Server Error"


def log_unsendable(context: HttpContext, error: Exception) -> None:
    """Log a head that cannot be sent, as a WSGI server does; no other response is made."""
    scope: Scope = context.scope
    path, method = escaped(scope["path"]), escaped(scope["method"])
    context.app.logger.error("No answer to %s [%s]", path, method, exc_info=error)
