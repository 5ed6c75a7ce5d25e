"""Attributes of a request that are computed when they are first read."""

from __future__ import annotations

import typing as t

from werkzeug._internal import _wsgi_decoding_dance
from werkzeug.datastructures import EnvironHeaders, Headers
from werkzeug.wrappers import Request as RequestBase
from werkzeug.wsgi import _get_server

from ..active import OWN, get_state

if t.TYPE_CHECKING:
    import typing_extensions as te
    from _typeshed.wsgi import WSGIEnvironment

T = t.TypeVar("T")


class _LooksAssignable(type):
    """The type of a class whose objects pass for data descriptors where somebody looks.

    COMPAT: ``create_autospec(Request)`` leaves open what a property gives. Of any other object in a class, it
    takes the attributes: there would be no ``request.args.get``.
    """

    def __getattr__(cls, name: str) -> t.Any:
        # Python itself looks into the class alone, and does not find it.
        if name == "__set__":
            return cls.__set_name__
        raise AttributeError(f"type object {cls.__name__!r} has no attribute {name!r}")


class Lazy(t.Generic[T], metaclass=_LooksAssignable):
    """An attribute that is computed when it is first read, and kept.

    It is not a data descriptor, so an assigned or kept value is found first.
    """

    def __init__(self, work_out: t.Callable[[t.Any], T]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    if t.TYPE_CHECKING:  # an assigned value is found in the instance's dict

        def __set__(self, obj: t.Any, value: T) -> None: ...

    @t.overload
    def __get__(self, obj: None, owner: type) -> te.Self: ...
    @t.overload
    def __get__(self, obj: object, owner: type) -> T: ...
    def __get__(self, obj: object | None, owner: type) -> t.Any:
        if obj is None:
            return self
        value = self._work_out(obj)
        obj.__dict__[self._name] = value
        return value


class Limit:
    """A limit on what is read: the request's own if set, else the application's."""

    def __init__(self, config_key: str, default: int | None) -> None:
        self._key = config_key
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._own = f"_{name}"

    def __get__(self, obj: object | None, owner: type) -> t.Any:
        if obj is None:
            return self
        own = obj.__dict__.get(self._own)
        if own is not None:
            return own
        context, app_context = get_state()
        holder = context if app_context is OWN else app_context
        return self._default if holder is None else holder.app.config[self._key]

    def __set__(self, obj: object, value: int | None) -> None:
        obj.__dict__[self._own] = value


# Content types without parameters.
_PLAIN_TYPES = frozenset(("application/x-www-form-urlencoded", "application/json"))


class LazyRequest(RequestBase):
    """Werkzeug's request, whose attributes are read from the environ, or from a scope, on first use."""

    def __init__(
        self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False
    ) -> None:
        # Werkzeug's constructor, except for what can be read from the environ later.
        self.environ = environ
        self.shallow = shallow
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    # Set by an ASGI gateway: scope, header fields, body, and the function that makes an environ of them.
    _scope: t.MutableMapping[str, t.Any] | None = None
    _fields: dict[bytes, bytes] = {}
    _body: t.Any = None
    _make_environ: t.Callable[[t.Any, t.Any], WSGIEnvironment] | None = None

    # Whether the limit of the body is that of the application, unless one was set.
    limits_plainly = False
    # Whether the body is not to be read.
    shallow = False
    # How much of the body was read without making the stream, or None.
    read_length: int | None = None

    @classmethod
    def of_scope(cls, attributes: dict[str, t.Any]) -> te.Self:
        """Make a request that came by ASGI; its environ is made on first use.

        *attributes* are all its attributes, those above among them; the dict becomes its ``__dict__``.
        """
        request = cls.__new__(cls)
        request.__dict__ = attributes  # pyright: ignore[reportAttributeAccessIssue]
        return request

    if not t.TYPE_CHECKING:  # Werkzeug declares it as an attribute

        @Lazy
        def environ(self) -> WSGIEnvironment:
            """The WSGI environ."""
            if self._make_environ is None:
                raise AttributeError("This request has no environ: its constructor was not called.")
            environ = self._make_environ(self._scope, self._body)
            environ["werkzeug.request"] = self
            return environ

    @Lazy
    def method(self) -> str:
        """The request method, in capitals."""
        if "environ" not in self.__dict__ and self._scope is not None:
            method: str = self._scope["method"]
        else:
            method = self.environ.get("REQUEST_METHOD", "GET")
        return method.upper()

    @Lazy
    def scheme(self) -> str:
        """``http`` or ``https``."""
        scheme: str = self.environ.get("wsgi.url_scheme", "http")
        return scheme

    @Lazy
    def server(self) -> tuple[str, int | None] | None:
        """Address and port of the server, or the path of a socket and None."""
        return _get_server(self.environ)

    @Lazy
    def root_path(self) -> str:
        """The prefix that the application is mounted under, without a slash at its end."""
        return _decoded(self.environ.get("SCRIPT_NAME")).rstrip("/")

    @Lazy
    def path(self) -> str:
        """The path after the prefix, with one slash before it."""
        return "/" + _decoded(self.environ.get("PATH_INFO")).lstrip("/")

    @Lazy
    def query_string(self) -> bytes:
        """The text after the question mark, as bytes."""
        attributes = self.__dict__
        if self._scope is not None and "environ" not in attributes:
            # PERF: a request that is asked for no more needs no environ, which takes 4 us (CPython 3.11).
            found: bytes | None = self._scope.get("query_string")
            return found or b""
        query: str = self.environ.get("QUERY_STRING", "")
        return query.encode("latin1")

    @Lazy
    def headers(self) -> Headers:
        """The headers of the request."""
        return EnvironHeaders(self.environ)

    @Lazy
    def remote_addr(self) -> str | None:
        """The address of the client, or of the proxy before this server."""
        return self.environ.get("REMOTE_ADDR")

    def _parse_content_type(self) -> None:
        if "headers" in self.__dict__:
            content_type = None
        elif "environ" in self.__dict__ or self._scope is None:
            content_type = self.environ.get("CONTENT_TYPE")
        else:
            content_type = self._fields.get(b"content-type", b"").decode("latin1")
        if content_type in _PLAIN_TYPES and "_parsed_content_type" not in self.__dict__:
            self._parsed_content_type = (content_type, {})
        else:
            super()._parse_content_type()


def _decoded(value: str | None) -> str:
    """Return a path as text: WSGI passes bytes decoded as Latin-1 (PEP 3333)."""
    if not value or value.isascii():
        return value or ""
    return _wsgi_decoding_dance(value)
