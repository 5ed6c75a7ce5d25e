"""The response: Werkzeug's, with HTML as its default type, made and sent in few steps."""

from __future__ import annotations

import typing as t
from datetime import datetime
from functools import lru_cache

from markupsafe import escape
from werkzeug.datastructures import Headers
from werkzeug.http import HTTP_STATUS_CODES, is_entity_header
from werkzeug.utils import get_content_type
from werkzeug.utils import redirect as _werkzeugs_redirect
from werkzeug.wrappers import Response as ResponseBase
from werkzeug.wsgi import ClosingIterator

from .. import json
from ..active import OWN, get_state
from ..bounded import BoundedCache
from ..observe import Watched
from ..originals import Originals
from .addresses import absolute, is_plain_address, is_plain_path
from .async_body import AsyncBody, SentAsyncBody
from .cookies import plain_cookie
from .headers import ResponseHeaders, guard, refuse_controls, refuse_status, refusing

if t.TYPE_CHECKING:
    from datetime import timedelta
    from http import HTTPStatus

    import typing_extensions as te
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Content-Type headers by the type that the application gave.
_content_types: BoundedCache[str, str] = BoundedCache(100, longest=256)
# Statuses as they are sent, by their code.
STATUS_LINES = {code: f"{code} {phrase.upper()}" for code, phrase in HTTP_STATUS_CODES.items()}
_new_headers = Headers.__new__


# The methods that the constructor below, and sending, replace.
_MAKING = ("status", "status_code", "set_data", "data", "_clean_status")
_SENDING = (
    "status",
    "get_wsgi_response",
    "get_wsgi_headers",
    "get_app_iter",
    "iter_encoded",
    "is_sequence",
    "close",
)
_COOKIES = ("set_cookie", "max_cookie_size")


class _Sending:
    """A method of Werkzeug's for sending; replacing it on a response is noticed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._original: t.Any = getattr(ResponseBase, name)

    def __get__(self, obj: object | None, owner: type) -> t.Any:
        if obj is None:
            return self._original
        own = obj.__dict__.get(self._name)
        return self._original.__get__(obj, owner) if own is None else own

    def __set__(self, obj: object, value: object) -> None:
        obj.__dict__.update({self._name: value, "_sends_plainly": False})

    def __delete__(self, obj: object) -> None:
        if obj.__dict__.pop(self._name, None) is None:
            raise AttributeError(self._name)


class _Inherited(ResponseBase):
    """What a response replaces of Werkzeug's methods without being seen.

    COMPAT: a mock looks whether a class itself has a method. If so, it takes what lies there for the method,
    and of these that is something else.
    """

    get_wsgi_response: t.Any = _Sending("get_wsgi_response")
    get_wsgi_headers: t.Any = _Sending("get_wsgi_headers")
    get_app_iter: t.Any = _Sending("get_app_iter")
    close: t.Any = _Sending("close")

    @classmethod
    def force_type(cls, response: ResponseBase, environ: WSGIEnvironment | None = None) -> te.Self:
        """Make a response of another kind of response, or of a WSGI application that answers *environ*."""
        # Werkzeug gives it this class.
        forced = t.cast("te.Self", super().force_type(response, environ))
        headers = getattr(forced, "headers", None)  # a mock may have none
        if headers is not None:
            guard(headers)
        return forced


class Response(_Inherited, metaclass=Watched):
    """The response of a view: Werkzeug's, with HTML as its default type."""

    default_mimetype: str | None = "text/html"
    json_module = json
    autocorrect_location_header = False

    # Whether constructor and sending below may replace Werkzeug's: a subclass that overrides
    # a method which those call gets Werkzeug's.
    _makes_plainly = True
    _sends_plainly = True
    # Whether calling it does what this class does, so that a gateway may ask for plain_answer() instead.
    is_called_plainly = True
    # Whether setting a cookie does what this class does.
    sets_cookies_plainly = True

    # The attributes of a response by default.
    _status = "200 OK"
    _status_code = 200
    direct_passthrough = False

    # An address that is known to be sent unchanged.
    _plain_address: str | None = None

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._class_changed()

    @classmethod
    def _class_changed(cls) -> None:
        # Not by setattr, which would report that the class changed.
        type.__setattr__(cls, "_makes_plainly", _own.are_on(cls, _MAKING))
        type.__setattr__(cls, "_sends_plainly", _own.are_on(cls, _SENDING))
        type.__setattr__(cls, "is_called_plainly", _own.are_on(cls, ("__call__",)))
        type.__setattr__(cls, "sets_cookies_plainly", _own.are_on(cls, _COOKIES))
        for subclass in cls.__subclasses__():
            subclass._class_changed()

    def __init__(
        self,
        response: t.Iterable[bytes] | bytes | t.Iterable[str] | str | None = None,
        status: int | str | HTTPStatus | None = None,
        headers: t.Mapping[str, str | t.Iterable[str]] | t.Iterable[tuple[str, str]] | None = None,
        mimetype: str | None = None,
        content_type: str | None = None,
        direct_passthrough: bool = False,
    ) -> None:
        kind = type(response)
        code = self.default_status if status is None else status
        chosen = self.default_mimetype if mimetype is None else mimetype
        # PERF: most responses are text or bytes and say little else: 0.85 us instead of 4.8 (CPython 3.11).
        if (
            (kind is not str and kind is not bytes and kind is not AsyncBody)
            or type(code) is not int
            or not self._makes_plainly
            or headers is not None
            or content_type is not None
            or chosen is None
            or not self.automatically_set_content_length
        ):
            if isinstance(headers, Headers):
                guard(headers)
            else:
                headers = ResponseHeaders(headers or None)
            super().__init__(response, status, headers, mimetype, content_type, direct_passthrough)
            return
        headers = self.headers = _new_headers(ResponseHeaders)
        headers._list = [("Content-Type", _content_types.get(chosen) or content_type_of(chosen))]
        if kind is AsyncBody:
            self.response = response  # type: ignore[assignment]
        else:
            body: bytes = response.encode() if kind is str else response  # type: ignore[union-attr, assignment]
            headers._list.append(("Content-Length", str(len(body))))
            self.response = [body]
        self._status = STATUS_LINES.get(code) or f"{code} UNKNOWN"
        self._status_code = code
        self.direct_passthrough = direct_passthrough
        self._on_close = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
        """Pass status and headers to a WSGI server, and return the body."""
        plain = self.plain_answer(environ["REQUEST_METHOD"], environ)
        if plain is None:
            body = self.response
            is_sent = environ["REQUEST_METHOD"] != "HEAD" and has_body(self._status_code)
            if is_sent and isinstance(body, AsyncBody) and self._sends_plainly:
                refusing(start_response)(self._status, self.get_wsgi_headers(environ).to_wsgi_list())
                return SentAsyncBody(body, self.close)
            return super().__call__(environ, refusing(start_response))
        start_response(plain[0], plain[1])
        return plain[2]

    def plain_answer(
        self, method: str, environ: WSGIEnvironment | None = None
    ) -> tuple[str, list[tuple[str, str]], t.Iterable[bytes]] | None:
        """Return status, headers and body as they are sent; None where Werkzeug has to mend one of them.

        An environ is needed only where addresses are made absolute.
        """
        body, headers = self.response, self.headers
        if not self._sends_plainly or type(headers) is not ResponseHeaders:
            return None
        pairs, code = headers._list, self._status_code
        # PERF: headers that need no correction are sent as they are: 0.3 us instead of 4.4 (CPython 3.11).
        if (
            type(body) is list
            and len(body) == 1
            and type(body[0]) is bytes
            and not self._on_close
            and method != "HEAD"
            and (code == 200 or (code > 200 and code != 204 and code != 304))
            # The constructor puts the length in this place; otherwise it is searched for.
            and len(pairs) > 1
            and (pairs[1][0] == "Content-Length" or "Content-Length" in headers)
        ):
            to_send, address = pairs.copy(), None
            for index, (name, value) in enumerate(pairs):
                if name in _harmless:
                    continue
                if name == "Location" and address is None:  # Werkzeug sends only one of several
                    address = self._address_to_send(value, environ)
                    if address is None:
                        return None
                    to_send[index] = name, address
                elif not _is_harmless(name):
                    return None
            return self._status, to_send, body
        if self.direct_passthrough:
            # PERF: a file, or a 304 for it: 0.7 us instead of 7, 3.5 instead of 12 (CPython 3.11).
            pairs_to_send = _pairs_of_file(pairs, code)
            if pairs_to_send is None:
                return None
            if method == "HEAD" or not has_body(code):
                return self._status, pairs_to_send, ClosingIterator((), self.close)
            # What is passed through is bytes.
            return self._status, pairs_to_send, t.cast("t.Iterable[bytes]", body)
        if (
            isinstance(body, AsyncBody)
            and method != "HEAD"
            and has_body(code)
            and all(name in _harmless or _is_harmless(name) for name, _ in pairs)
        ):
            return self._status, pairs.copy(), SentAsyncBody(body, self.close)
        return None

    def _address_to_send(self, value: str, environ: WSGIEnvironment | None) -> str | None:
        """Return the Location as Werkzeug would send it; None where that is not plain."""
        if self.autocorrect_location_header:
            return None if environ is None else absolute(value, environ)
        return value if value is self._plain_address or is_plain_address(value) else None

    def _clean_status(self, value: t.Any) -> tuple[str, int]:
        # All ways to set a status call this.
        status, code = super()._clean_status(value)
        refuse_status(status)
        return status, code

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]
        """The size in bytes above which a warning is given for a cookie; 0 turns the warning off."""
        context, app_context = get_state()
        holder = context if app_context is OWN else app_context
        return super().max_cookie_size if holder is None else holder.app.config["MAX_COOKIE_SIZE"]

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: timedelta | int | None = None,
        expires: str | datetime | int | float | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str | None = None,
        partitioned: bool = False,
    ) -> None:
        """Set a cookie. A warning is given for one that is larger than ``max_cookie_size``.

        PERF: a plain one takes 1.6 us instead of 5.4 (CPython 3.11); any other is left to Werkzeug.
        """
        headers, most = self.headers, self.max_cookie_size
        attributes = (max_age, path, domain, secure, httponly, samesite, partitioned)
        text = plain_cookie(key, value, expires, attributes)
        if text is None or (most and len(text) > most) or type(headers) is not ResponseHeaders:
            super().set_cookie(key, value, max_age, expires, *attributes[1:])
        else:
            headers._list.append(("Set-Cookie", text))


_new_response = Response.__new__
_own = Originals(Response, (*_MAKING, *_SENDING, *_COOKIES, "__call__"))


def text_response(cls: type[Response], text: str, content_type: tuple[str, str]) -> Response:
    """Make the response for a text alone, for a class that overrides nothing.

    *content_type* is the header. PERF: 0.4 us instead of 0.73 by the constructor, which has to look at its
    arguments (CPython 3.11).
    """
    body = text.encode()
    response = _new_response(cls)
    headers = response.headers = _new_headers(ResponseHeaders)
    headers._list = [content_type, ("Content-Length", str(len(body)))]
    # Found on the instance, the status is read in 5 ns; on the class it would be 30.
    response._status = "200 OK"
    response._status_code = 200
    response._on_close = []
    response.response = [body]
    return response


def file_response(
    cls: type[Response], code: int, pairs: list[tuple[str, str]], body: t.Iterable[bytes]
) -> Response:
    """Make the response of a file with these headers, for a class that overrides nothing."""
    response = _new_response(cls)
    headers = response.headers = _new_headers(ResponseHeaders)
    headers._list = pairs
    response._status, response._status_code = STATUS_LINES[code], code
    response._on_close = []
    response.response, response.direct_passthrough = body, True
    return response


@lru_cache(maxsize=1)
def _around_address() -> tuple[str, str, str, tuple[str, str]]:
    """Return the text of Werkzeug's page for redirects around the two addresses, and its type."""
    before, between, after = _werkzeugs_redirect("/ADDRESS/").get_data(as_text=True).split("/ADDRESS/")
    return before, between, after, ("Content-Type", content_type_of("text/html"))


def plain_redirect(cls: type[Response], address: str, code: int) -> Response | None:
    """Make Werkzeug's redirect, for a class that overrides nothing; None where Werkzeug has to make it.

    PERF: 2 us instead of 8 (CPython 3.11).
    """
    if type(address) is not str or type(code) is not int:
        return None
    if is_plain_path(address) is None and not is_plain_address(address):
        return None
    status = STATUS_LINES.get(code)
    if status is None:
        return None
    before, between, after, content_type = _around_address()
    # PERF: most addresses have none of the letters that are escaped: 0.4 us less (CPython 3.11).
    escaped = str(escape(address)) if "&" in address or "'" in address else address
    response = text_response(cls, f"{before}{escaped}{between}{escaped}{after}", content_type)
    response._status, response._status_code = status, code
    response.headers._list.append(("Location", address))
    response._plain_address = address
    return response


# Names of headers that are sent unchanged, in the spelling of the application.
_harmless: BoundedCache[str, bool] = BoundedCache(1_000, longest=64)


def _pairs_of_file(pairs: list[tuple[str, str]], code: int) -> list[tuple[str, str]] | None:
    """Return the headers of a body that is passed through; None where Werkzeug has to correct one.

    A 304 does not describe the body that it does not have (RFC 9110, section 15.4.5).
    """
    sized = False
    for name, _ in pairs:
        if name == "Content-Length":
            sized = True
        elif name not in _harmless and not _is_harmless(name):
            return None
    if code == 304:
        return [pair for pair in pairs if not is_entity_header(pair[0]) or pair[0].lower() == "expires"]
    return pairs.copy() if sized and has_body(code) else None


def has_body(code: int) -> bool:
    """Tell whether a response with this status has a body."""
    return code >= 200 and code not in (204, 304)


def _is_harmless(name: str) -> bool:
    """Tell whether the header is sent unchanged; Werkzeug encodes addresses, and odd names are refused."""
    if name.lower() in ("location", "content-location") or not name.isprintable():
        return False
    return _harmless.keep(name, True)


def content_type_of(mimetype: str) -> str:
    """Return the Content-Type for a type given by the application; kept, as there are few."""
    content_type = _content_types.get(mimetype)
    if content_type is not None:
        return content_type
    content_type = get_content_type(mimetype, "utf-8")
    refuse_controls("Content-Type", content_type)
    return _content_types.keep(mimetype, content_type)
