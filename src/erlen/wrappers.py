"""Request and response: Werkzeug's, with what applications add, made late and made cheaply."""

from __future__ import annotations

import typing as t

from werkzeug._internal import _wsgi_decoding_dance
from werkzeug.datastructures import EnvironHeaders, Headers
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request as RequestBase
from werkzeug.wrappers import Response as ResponseBase
from werkzeug.wsgi import _get_server

from . import json
from .globals import current_app
from .helpers import _split_blueprint_path
from .observe import Watched

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.routing import Rule

T = t.TypeVar("T")


class _Late(t.Generic[T]):
    """Work an attribute out when it is first read, and keep it.

    It is no data descriptor, so an assigned or kept value is found before it.
    """

    def __init__(self, work_out: t.Callable[[t.Any], T]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @t.overload
    def __get__(self, obj: None, owner: type) -> t.Self: ...  # type: ignore[name-defined,misc]
    @t.overload
    def __get__(self, obj: object, owner: type) -> T: ...
    def __get__(self, obj: object | None, owner: type) -> t.Any:
        if obj is None:
            return self
        value = self._work_out(obj)
        obj.__dict__[self._name] = value
        return value


class _Limit:
    """Be a limit on what is read: the request's own if set, else the application's."""

    def __init__(self, config_key: str, default: int | None) -> None:
        self._key = config_key
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._own = f"_{name}"

    def __get__(self, obj: object | None, owner: type) -> t.Any:
        own = None if obj is None else obj.__dict__.get(self._own)
        if own is not None:
            return own
        if obj is None or not current_app:
            return self._default
        return current_app.config[self._key]

    def __set__(self, obj: object, value: int | None) -> None:
        obj.__dict__[self._own] = value


class Request(RequestBase, metaclass=Watched):
    """Be the request of a view: Werkzeug's, plus what routing found.

    Its attributes come to life when they are first read; an attribute may be assigned at any time.
    """

    json_module: t.Any = json

    # The rule that matched, and the values of its variables; None where none matched.
    url_rule: Rule | None = None
    view_args: dict[str, t.Any] | None = None
    # What routing found instead of a rule: raised when the view would be called.
    routing_exception: HTTPException | None = None

    # In bytes: the body; a form field that is no file. The number of parts in a multipart form.
    max_content_length = _Limit("MAX_CONTENT_LENGTH", RequestBase.max_content_length)  # type: ignore[assignment]
    max_form_memory_size = _Limit("MAX_FORM_MEMORY_SIZE", RequestBase.max_form_memory_size)  # type: ignore[assignment]
    max_form_parts = _Limit("MAX_FORM_PARTS", RequestBase.max_form_parts)  # type: ignore[assignment]

    def __init__(self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False) -> None:
        # Werkzeug's constructor, with everything that can be read from the environ left for later.
        self.environ = environ
        self.shallow = shallow
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    @_Late
    def method(self) -> str:
        """The request method, in capitals."""
        return t.cast(str, self.environ.get("REQUEST_METHOD", "GET")).upper()

    @_Late
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return t.cast(str, self.environ.get("wsgi.url_scheme", "http"))

    @_Late
    def server(self) -> tuple[str, int | None] | None:
        """Address and port of the server, or the path of a socket and None."""
        return _get_server(self.environ)

    @_Late
    def root_path(self) -> str:
        """The prefix that the application is mounted under, without a slash at its end."""
        return _decoded(self.environ.get("SCRIPT_NAME")).rstrip("/")

    @_Late
    def path(self) -> str:
        """The path behind the prefix, with one slash before it."""
        return "/" + _decoded(self.environ.get("PATH_INFO")).lstrip("/")

    @_Late
    def query_string(self) -> bytes:
        """What stands behind the question mark, as bytes."""
        return t.cast(str, self.environ.get("QUERY_STRING", "")).encode("latin1")

    @_Late
    def headers(self) -> Headers:
        """The headers of the request."""
        return EnvironHeaders(self.environ)

    @_Late
    def remote_addr(self) -> str | None:
        """The address of the client, or of the proxy before this server."""
        return self.environ.get("REMOTE_ADDR")

    @property
    def endpoint(self) -> str | None:
        """The name of the matched route; None where none matched."""
        return None if self.url_rule is None else self.url_rule.endpoint

    @property
    def blueprint(self) -> str | None:
        """The name of the route's blueprint, dotted where it is nested."""
        endpoint = self.endpoint
        if endpoint is None or "." not in endpoint:
            return None
        return endpoint.rpartition(".")[0]

    @property
    def blueprints(self) -> list[str]:
        """The names of the route's blueprint and of those around it, innermost first."""
        name = self.blueprint
        return [] if name is None else _split_blueprint_path(name)

    def _load_form_data(self) -> None:
        super()._load_form_data()
        if current_app and current_app.debug and self.mimetype != "multipart/form-data" and not self.files:
            from .debughelpers import attach_enctype_error_multidict

            attach_enctype_error_multidict(self)

    def on_json_loading_failed(self, e: ValueError | None) -> t.Any:
        """Raise BadRequest for a body that is no JSON, UnsupportedMediaType for one that says so.

        Outside of debug mode a BadRequest does not tell what was wrong.
        """
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            if current_app and current_app.debug:
                raise
            raise BadRequest() from error


def _decoded(value: str | None) -> str:
    """Return a path as text: WSGI hands over bytes that look like Latin-1 (PEP 3333)."""
    if not value or value.isascii():
        return value or ""
    return _wsgi_decoding_dance(value)


class Response(ResponseBase, metaclass=Watched):
    """Be the response of a view: Werkzeug's, with HTML as its default type."""

    default_mimetype: str | None = "text/html"
    json_module = json
    autocorrect_location_header = False

    @property
    def max_cookie_size(self) -> int:  # type: ignore[override]
        """The size in bytes from which on a cookie is warned about; 0 turns the warning off."""
        if current_app:
            return t.cast(int, current_app.config["MAX_COOKIE_SIZE"])
        return super().max_cookie_size
