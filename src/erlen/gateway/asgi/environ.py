"""From an ASGI scope to a WSGI environ (ASGI: HTTP connection scope; PEP 3333).

It is made on first use, and has what Werkzeug and extensions look for. Headers come from
outside: a name with an underscore could pass for its twin with a hyphen and is dropped, and so is
``Proxy``, which would become ``HTTP_PROXY``, where programs look for a proxy of their own.
"""

from __future__ import annotations

import sys
import typing as t
from urllib.parse import unquote_to_bytes

from ...bounded import BoundedCache
from ...servers import mended_address

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .types import Scope


# Fields that may occur only once; repeated equal ones count as one.
_SINGLE = ("CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_HOST")
_NOT_PREFIXED = {"HTTP_CONTENT_TYPE": "CONTENT_TYPE", "HTTP_CONTENT_LENGTH": "CONTENT_LENGTH"}


class MalformedScope(ValueError):
    """An error about a scope that no request can be made from: the answer is 400."""


def make_environ(scope: Scope) -> WSGIEnvironment:
    """Return the environ of a request, without its body: ``wsgi.input`` is missing.

    Raises MalformedScope for header fields that contradict each other, and for a scope that is not as
    ASGI describes it.
    """
    _check_shapes(scope)
    try:
        return _environ_of(scope)
    except MalformedScope:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise MalformedScope(f"The scope of the request is malformed: {error}") from error


# The keys of a scope and their types (ASGI: HTTP connection scope). None stands for a missing key.
_SHAPES: dict[str, tuple[type, ...]] = {
    "path": (str,),
    "method": (str, type(None)),
    "query_string": (bytes, type(None)),
    "root_path": (str, type(None)),
    "raw_path": (bytes, type(None)),
    "client": (tuple, list, type(None)),
    "server": (tuple, list, type(None)),
    "extensions": (dict, type(None)),
}


def check(scope: Scope) -> None:
    """Raise MalformedScope for a scope that no environ can be made from; called after a failure."""
    make_environ(scope)


def _check_shapes(scope: Scope) -> None:
    for key, kinds in _SHAPES.items():
        value = scope.get(key)
        if not isinstance(value, kinds):
            raise MalformedScope(f"The scope of the request has {value!r} for {key!r}.")
    if scope.get("type") == "http" and not scope.get("method"):
        raise MalformedScope("The scope of the request has no 'method'.")


def _environ_of(scope: Scope) -> WSGIEnvironment:
    path, root = path_of(scope), _root_of(scope)
    (client, client_port), (server, port) = _address_of(scope, "client"), _address_of(scope, "server")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.get("method", "GET"),
        "SCRIPT_NAME": root,
        "PATH_INFO": path,
        "QUERY_STRING": (scope.get("query_string") or b"").decode("latin1"),
        # A Unix socket has a path and no port, a TCP socket both: ASGI's way to tell them apart.
        "SERVER_NAME": (server if port else "") or "localhost",
        "SERVER_PORT": _port(port, scope),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": _HTTP_SCHEMES.get(scope.get("scheme", "http"), "http"),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "asgi.scope": scope,
    }
    if client:
        environ["REMOTE_ADDR"] = client
        if client_port is not None:
            environ["REMOTE_PORT"] = str(client_port)
    raw_path = scope.get("raw_path")
    if raw_path:
        query = environ["QUERY_STRING"]
        target = raw_path.partition(b"?")[0].decode("latin1")
        environ["RAW_URI"] = environ["REQUEST_URI"] = f"{target}?{query}" if query else target
    add_headers(environ, scope.get("headers", ()))
    # Further items from a caller that knows Erlen, as the test client does.
    beside = (scope.get("extensions") or {}).get("erlen.environ")
    if beside:
        environ.update(beside)
    return environ


_HTTP_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


def _address_of(scope: Scope, side: str) -> tuple[str, int | None]:
    """Return host and port of *side*, ``client`` or ``server``; an empty host where it has no address."""
    host, port = (scope.get(side) or ("", None))[:2]
    if not (isinstance(host, str) and (port is None or isinstance(port, int))):
        host, port = mended_address(host, port)
    return ("", None) if "/" in host else (host, port)


def _port(port: int | None, scope: Scope) -> str:
    if port:
        return str(port)
    return "443" if scope.get("scheme") in ("https", "wss") else "80"


def joined(headers: t.Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return header fields by name, several of one name as one. Raises MalformedScope as above."""
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        before = fields.get(name)
        if before is None:
            fields[name] = value
        elif _environ_name(name) in _SINGLE:
            if value != before:
                raise MalformedScope(f"The request has two different fields {name.decode('latin1')!r}.")
        else:
            fields[name] = before + (b"; " if name == b"cookie" else b", ") + value
    return fields


def add_headers(environ: WSGIEnvironment, headers: t.Iterable[tuple[bytes, bytes]]) -> None:
    """Put header fields into *environ*: several of one name are joined, as HTTP allows (RFC 9110, 5.3)."""
    for raw_name, raw_value in headers:
        name = _names.get(raw_name)
        if name is None:
            name = _environ_name(raw_name)
        if not name:
            continue
        value = raw_value.decode("latin1")
        if name not in environ:
            environ[name] = value
        elif name in _SINGLE:
            if environ[name] != value:
                raise MalformedScope(f"The request has two different fields {raw_name.decode('latin1')!r}.")
        else:
            environ[name] += f"; {value}" if name == "HTTP_COOKIE" else f", {value}"
    length = environ.get("CONTENT_LENGTH")
    if length is not None and not (length.isascii() and length.isdecimal()):
        raise MalformedScope(f"The Content-Length {length!r} is no number.")


# The names of headers, and their keys in an environ; an empty key for those that are dropped.
_names: BoundedCache[bytes, str] = BoundedCache(512, longest=160)


def _environ_name(raw: bytes) -> str:
    # SECURITY: `X_Forwarded_For` would come out as `X-Forwarded-For` does, and in Unicode the upper case
    # of a sharp s is SS; httpoxy (CVE-2016-5385).
    if not raw or b"_" in raw or not raw.isascii() or raw.lower() == b"proxy":
        name = ""
    else:
        name = "HTTP_" + raw.decode("latin1").upper().replace("-", "_")
        name = _NOT_PREFIXED.get(name, name)
    return _names.keep(raw, name)


def _root_of(scope: Scope) -> str:
    """Return the mount point as WSGI writes it: bytes decoded as Latin-1."""
    root: str = scope.get("root_path") or ""
    return root.rstrip("/").encode("utf-8", "surrogateescape").decode("latin1")


def path_of(scope: Scope) -> str:
    """Return the path below the root as WSGI writes it: bytes decoded as Latin-1.

    ``path`` has the root before it where the server follows the later wording of ASGI, so it is taken
    off where it is there. Raises MalformedScope for characters that stand for no bytes.
    """
    path: str = scope["path"]
    root = scope.get("root_path")
    if path.isascii():
        if not root:
            return path
        latin = path
    else:
        try:
            latin = _bytes_of(path, scope.get("raw_path")).decode("latin1")
        except UnicodeEncodeError:
            raise MalformedScope("The path of the request has characters that are none.") from None
    prefix = _root_of(scope)
    if prefix and latin.startswith(prefix) and latin[len(prefix) : len(prefix) + 1] in ("", "/"):
        return latin[len(prefix) :]
    return latin


def _bytes_of(path: str, raw_path: bytes | None) -> bytes:
    """Return the bytes of a path that is not ASCII: ``raw_path`` has those that are no UTF-8, too."""
    if raw_path:
        data = unquote_to_bytes(raw_path.partition(b"?")[0])
        # Middleware may have changed one of them and not the other.
        if data.decode("utf-8", "replace") == path:
            return data
    return path.encode("utf-8", "surrogateescape")
