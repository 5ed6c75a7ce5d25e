"""Quirks of servers that no protocol states, each with the server it was seen at.

``tests/servers`` runs the servers themselves. How they tell an ASGI application from a WSGI application is
``erlen.gateway.asgi.detection``: one object answers all of their questions.
"""

from __future__ import annotations

import atexit
import importlib
import io
import sys
import typing as t

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# The largest code of a status that can be sent: uvicorn (0.54) breaks the connection off where a code is
# larger, since it looks the reason up in a table. HTTP has no such code either (RFC 9110, section 15).
LARGEST_STATUS = 599

# granian (2.8) speaks RSGI to what it takes for an RSGI application, unless it is told otherwise.
RSGI_REFUSED = (
    "An Erlen application speaks WSGI and ASGI, not granian's RSGI. Start it with"
    " 'granian --interface asgi …' or 'granian --interface wsgi …'."
)

# mod_wsgi (4.9) gives each application an interpreter of its own.
INTERPRETER_ADVICE = (
    "before Python 3.12 only one interpreter of a process runs loops reliably, so mod_wsgi needs"
    " 'WSGIApplicationGroup %{GLOBAL}'."
)

# The beginning of SERVER_SOFTWARE where headers of the connection are an error: PEP 3333 lets a server refuse
# them from an application, and waitress (3.0) and wsgiref do.
_REFUSE_HOPS = ("waitress", "WSGIServer")


def refuses_hop_headers(environ: WSGIEnvironment) -> bool:
    """Tell whether the server fails where a response has ``Connection`` or ``Upgrade``."""
    server: str = environ.get("SERVER_SOFTWARE", "")
    return server.startswith(_REFUSE_HOPS)


def mended_address(host: object, port: object) -> tuple[str, int | None]:
    """Return the host and port that a scope of ASGI has in another form; an empty host for no address.

    granian (2.8) writes port numbers as text. gunicorn's ASGI worker (27.0) gives the first two characters of
    a Unix socket's path, or two bytes of it, for host and port.
    """
    if isinstance(host, str) and isinstance(port, str) and port.isdecimal():
        return host, int(port)
    return "", None


def comes_by_unix_socket(environ: t.Mapping[str, t.Any]) -> bool:
    """Tell whether a request came over a Unix socket, where nobody has an address.

    gunicorn (27.0) and granian (2.8) say ``""`` for the client, waitress (3.0) ``localhost`` and a path for
    the port, uWSGI (2.0) ``0.0.0.0``, Werkzeug (3.1) ``<local>``. ASGI servers name no client, and no port of
    their own.

    SECURITY: a client over TCP must not pass for one. uvicorn (0.54) names no client where a connection over
    TCP is broken off already, but its own port.
    """
    address: str | None = environ.get("REMOTE_ADDR")
    scope = environ.get("asgi.scope")
    if scope is not None:
        host, port = (scope.get("server") or ("", None))[:2]
        if not (isinstance(host, str) and isinstance(port, int)):
            port = mended_address(host, port)[1]
        return not (address or port)
    if address == "0.0.0.0":
        return "uwsgi.version" in environ
    if address == "localhost":
        return not str(environ.get("SERVER_PORT")).isdecimal()
    return not address or address == "<local>"


def is_own_error(error: BaseException) -> bool:
    """Tell whether an error that reading a body raised may be of the server's own class.

    Werkzeug knows OSError and ValueError. gunicorn (27.0) has several others for malformed chunks. What
    Python raises else, as a TypeError, is a mistake in the program.
    """
    return isinstance(error, Exception) and type(error).__module__ != "builtins"


def hands_over_chunks(environ: WSGIEnvironment) -> bool:
    """Tell whether a chunked body has to be asked for by a call of the server's own: uWSGI (2.0)."""
    return "uwsgi.version" in environ


class UwsgiBody(io.RawIOBase):
    """A chunked body behind uWSGI (2.0), whose ``wsgi.input`` has nothing of it."""

    def __init__(self) -> None:
        # The module exists only inside uWSGI.
        self._read_chunk: t.Callable[[], bytes] = importlib.import_module("uwsgi").chunked_read
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        if not self._left and not self._ended:
            self._left = self._read_chunk()
            self._ended = not self._left
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def at_exit(function: t.Callable[[], None]) -> None:
    """Call *function* when the process ends, in some processes twice.

    One that :mod:`multiprocessing` forked ends without what is registered with :mod:`atexit`: a worker of
    granian (2.8) is one.
    """
    atexit.register(function)
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None and multiprocessing.parent_process() is not None:
        sys.modules["multiprocessing.util"].Finalize(None, function, exitpriority=10)
