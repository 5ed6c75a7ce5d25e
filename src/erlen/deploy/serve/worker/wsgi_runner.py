"""What granian calls for each request under WSGI."""

from __future__ import annotations

import itertools
import sys
import typing as t
from threading import get_ident
from time import monotonic

from .requests_under_way import Request, RequestsUnderWay, request_line

if t.TYPE_CHECKING:
    from .granian_names import Runner, WsgiProtocol

Headers = list[tuple[str, str]]
Environ = dict[str, t.Any]
# When it began, its environ, and whether its answer has begun.
Entry = tuple[float, Environ, bool]


class _Start:
    """The function `start_response` of one request."""

    # PERF: on the class, where they cost nothing for each request.
    status = 0
    headers: Headers = []
    written: list[bytes] | None = None
    is_sent = False

    def __call__(self, status: str, headers: Headers, exc_info: t.Any = None) -> t.Callable[[bytes], None]:
        if exc_info is not None and self.is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        self.status = int(status[:3])
        self.headers = headers
        return self.write

    def write(self, data: bytes) -> None:
        """Send *data* before the body: a way to answer that PEP 3333 keeps for old frameworks."""
        if self.written is None:
            self.written = []
        self.written.append(data)


class _Stream:
    """The pieces of a body, which granian asks for by `__next__`, and `close`."""

    __slots__ = ("__next__", "close")

    def __init__(self, pieces: t.Iterator[bytes], body: object) -> None:
        self.__next__ = pieces.__next__
        self.close: t.Callable[[], object] = getattr(body, "close", _nothing)


def _nothing() -> None: ...


def make_runner(application: t.Any, requests: RequestsUnderWay, *, is_one_of_many: bool) -> Runner:
    """Make the function that granian calls with its protocol object and the request as a dict."""
    # SECURITY: nothing of os.environ, which granian's own function puts into each environ: pages for errors
    # and reports to other services show environs.
    base = {
        "SCRIPT_NAME": "",
        "SERVER_SOFTWARE": "Granian",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": is_one_of_many,
        "wsgi.run_once": False,
    }
    entries, take_number = requests.entries, requests.numbers.__next__

    # PERF: 0.1 us more for a request than granian's own function (CPython 3.11), of 15 us in all.
    def run(protocol: WsgiProtocol, environ: Environ) -> None:
        take_number()
        thread = get_ident()
        entries[thread] = entry = (monotonic(), environ, False)
        try:
            environ |= base
            start = _Start()
            body = application(environ, start)
            if type(body) is list and start.written is None:
                headers = _closing(start.headers, environ) if requests.is_closing else start.headers
                protocol.response_bytes(start.status, headers, body[0] if len(body) == 1 else b"".join(body))
            else:
                entries[thread] = (entry[0], environ, True)
                _stream(protocol, environ, start, body, requests)
        finally:
            del entries[thread]

    return run


def read(thread: int, entry: Entry) -> Request:
    """Read an entry that the runner has made."""
    began, environ, is_answering = entry
    path = f"{environ.get('SCRIPT_NAME', '')}{environ['PATH_INFO']}".encode("latin-1", "replace")
    line = request_line(environ["REQUEST_METHOD"], path, environ["SERVER_PROTOCOL"])
    return Request(line, began, is_answering, thread)


def _stream(
    protocol: WsgiProtocol,
    environ: Environ,
    start: _Start,
    body: t.Iterable[bytes],
    requests: RequestsUnderWay,
) -> None:
    try:
        pieces = iter(body)
        # A generator function calls `start_response` when its first piece is asked for.
        first = [] if start.status else list(itertools.islice(pieces, 1))
        if not start.status:
            raise RuntimeError("The application has not called 'start_response'.")
    except BaseException:
        getattr(body, "close", _nothing)()
        raise
    if start.written or first:
        pieces = itertools.chain(start.written or (), first, pieces)
    headers = _closing(start.headers, environ) if requests.is_closing else start.headers
    start.is_sent = True
    protocol.response_iter(start.status, headers, _Stream(pieces, body))


def _closing(headers: Headers, environ: Environ) -> Headers:
    """Add `Connection: close`, where the protocol has that header."""
    if not environ["SERVER_PROTOCOL"].startswith("HTTP/1"):
        return headers
    return [header for header in headers if header[0].lower() != "connection"] + [("Connection", "close")]
