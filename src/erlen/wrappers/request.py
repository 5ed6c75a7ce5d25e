"""The request: Werkzeug's, with what routing found, and with attributes computed on first use."""

from __future__ import annotations

import io
import typing as t

from werkzeug._internal import _wsgi_decoding_dance
from werkzeug.datastructures import EnvironHeaders, Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request as RequestBase
from werkzeug.wsgi import _get_server

from .. import json
from ..active import active_app
from ..helpers import _split_blueprint_path
from ..observe import Watched
from ..originals import Originals, inherits
from .body import body_stream, broken_stream, length_of, read_exactly, spent_stream
from .json_body import JsonBody
from .lazy import Lazy, Limit
from .multipart import FormParser
from .parts import Parts
from .safe import SafeRequest, query_text
from .streaming import Pieces, check_chunked
from .urlencoded import read_fields

if t.TYPE_CHECKING:
    import typing_extensions as te
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict
    from werkzeug.routing import Rule

# The methods that Erlen's own parser of forms replaces.
_PARSING = (
    "make_form_data_parser",
    "want_form_data_parsed",
    "_get_stream_for_parsing",
)

_FORM = "application/x-www-form-urlencoded"
# Content types without parameters.
_PLAIN_TYPES = frozenset((_FORM, "application/json"))


class Request(JsonBody, SafeRequest, metaclass=Watched):
    """The request of a view: Werkzeug's, plus what routing found.

    Its attributes are computed when they are first read; an attribute may be assigned at any time.
    """

    json_module: t.Any = json

    # The rule that matched, and the values of its variables; None where none matched.
    url_rule: Rule | None = None
    view_args: dict[str, t.Any] | None = None
    # The exception that routing found instead of a rule; raised when the view would be called.
    routing_exception: HTTPException | None = None

    # Limits: bytes of the body; bytes of a form field that is no file; parts of a multipart form.
    max_content_length = Limit("MAX_CONTENT_LENGTH", RequestBase.max_content_length)  # pyright: ignore[reportAssignmentType]
    max_form_memory_size = Limit("MAX_FORM_MEMORY_SIZE", RequestBase.max_form_memory_size)  # pyright: ignore[reportAssignmentType]
    max_form_parts = Limit("MAX_FORM_PARTS", RequestBase.max_form_parts)  # pyright: ignore[reportAssignmentType]

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

    # Whether the body has been read.
    shallow = False

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
        """The names of the route's blueprint and of its parents, innermost first."""
        name = self.blueprint
        return [] if name is None else _split_blueprint_path(name)

    @Lazy
    def args(self) -> MultiDict[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The fields of the query, after the question mark."""
        if "environ" in self.__dict__ or self._scope is None:
            query: str = self.environ.get("QUERY_STRING", "")
        else:
            query = self._scope["query_string"].decode("latin1")
        if not self._reads_plainly or "query_string" in self.__dict__ or not query.isascii():
            query = query_text(self.query_string)
        return read_fields(query, self.parameter_storage_class)

    @Lazy
    def form(self) -> ImmutableMultiDict[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The fields of a form in the body, files excepted."""
        self._load_form_data()
        form: ImmutableMultiDict[str, str] = self.__dict__["form"]
        return form

    @Lazy
    def files(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
    ) -> ImmutableMultiDict[str, FileStorage]:
        """The files of a multipart form in the body."""
        self._load_form_data()
        attributes: dict[str, t.Any] = vars(self)
        if "files" not in attributes:
            empty: t.Any = self.parameter_storage_class()
            attributes["files"] = empty
            self._explain_missing_files()
        files: ImmutableMultiDict[str, FileStorage] = attributes["files"]
        return files

    @Lazy
    def stream(self) -> t.IO[bytes]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The body, limited to its length; reading it here leaves nothing for ``form`` and ``data``."""
        if self.shallow:
            raise RuntimeError("This request is shallow (shallow=True): its body is not to be read.")
        if "HTTP_TRANSFER_ENCODING" in self.environ:
            check_chunked(self.environ)
        if self.read_length is not None:
            return spent_stream(self.environ["wsgi.input"], self.read_length)
        return body_stream(self.environ, self.max_content_length)

    def _read_body(self) -> bytes:
        """Return what is left of the body."""
        if "stream" not in self.__dict__ and self.read_length is None and not self.shallow:
            if "environ" not in self.__dict__:
                body = self._body
                # The application's limit was checked when the body was received; the request's own was not.
                if type(body) is bytes and "_max_content_length" not in self.__dict__:
                    self.read_length = len(body)
                    return body
            length = length_of(self.environ, self.max_content_length)
            if length is not None:
                try:
                    data = read_exactly(self.environ["wsgi.input"], length)
                except BaseException:
                    vars(self).update(stream=broken_stream(length))
                    raise
                self.read_length = length
                return data
        return self.stream.read()

    def stream_pieces(self) -> Pieces:
        """Return the body as it arrives: for ``for`` in plain views, for ``async for`` in coroutines.

        Nothing is kept, and nothing is left for ``form`` and ``data``. Raises RuntimeError where the body
        has been read already.
        """
        attributes = vars(self)
        if self.read_length is not None or not _BODY_NAMES.isdisjoint(attributes):
            raise RuntimeError("The body of this request has been read already, or is being read.")
        source = self.environ["wsgi.input"]
        stream = self.stream
        storage = self.parameter_storage_class
        attributes.update(stream=io.BytesIO(), form=storage(), files=storage())
        return Pieces(source, lambda: stream)

    def stream_parts(self) -> Parts:
        """Return the parts of a multipart form as they arrive, each of them in pieces.

        Raises UnsupportedMediaType (415) for any other body. The limits are those of ``form``.
        """
        return Parts(
            self.stream_pieces(),
            self.headers.get("Content-Type"),
            max_content_length=self.max_content_length,
            max_form_memory_size=self.max_form_memory_size,
            max_form_parts=self.max_form_parts,
        )

    # Werkzeug's signature, overlap and all.
    @t.overload
    def get_data(  # pyright: ignore[reportOverlappingOverload]
        self, cache: bool = True, as_text: t.Literal[False] = False, parse_form_data: bool = False
    ) -> bytes: ...
    @t.overload
    def get_data(
        self, cache: bool = True, as_text: t.Literal[True] = ..., parse_form_data: bool = False
    ) -> str: ...
    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> bytes | str:
        """Return the body as bytes, or as text.

        Without *cache* it can be read only once. With *parse_form_data* a form is parsed first,
        which leaves nothing; otherwise forms stay to be parsed.
        """
        data: bytes | None = getattr(self, "_cached_data", None)
        if data is None:
            if parse_form_data:
                self._load_form_data()
            data = self._read_body()
            if cache:
                self._cached_data = data
        return data.decode(errors="replace") if as_text else data

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

    def _load_form_data(self) -> None:
        attributes = vars(self)
        if "form" in attributes:
            return
        if self.mimetype == _FORM and self.parses_plainly:
            storage = self.parameter_storage_class
            body: bytes | None = getattr(self, "_cached_data", None)
            if body is None:
                body = self._read_body()
            else:
                # The fields are read from the kept body, and the stream is from now on a spent one.
                stream = attributes["stream"] = io.BytesIO(body)
                stream.seek(0, io.SEEK_END)
            try:
                attributes["form"] = read_fields(body.decode(), storage)
            except UnicodeDecodeError:
                attributes["form"] = storage()
        else:
            self._parse_form_data()
            self._explain_missing_files()

    def _explain_missing_files(self) -> None:
        """Let a file that is asked for in vain say, in debug mode, that the form is not made for files."""
        app = active_app()
        if app is not None and app.debug and self.mimetype != "multipart/form-data" and not self.files:
            from ..debughelpers import attach_enctype_error_multidict

            attach_enctype_error_multidict(self)

    # Whether this class's own methods read the query.
    _reads_plainly = True
    # Whether its cookies are made of the environ as this class makes them.
    reads_cookies_plainly = True

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._class_changed()

    @classmethod
    def _class_changed(cls) -> None:
        # Not by setattr, which would report that the class changed.
        parses_plainly = cls.form_data_parser_class is FormParser and inherits(cls, RequestBase, *_PARSING)
        type.__setattr__(cls, "parses_plainly", parses_plainly)
        type.__setattr__(cls, "_stores_plainly", inherits(cls, RequestBase, "_get_file_stream"))
        type.__setattr__(cls, "_reads_plainly", _query.are_on(cls))
        type.__setattr__(cls, "_reads_json_plainly", _json_methods.are_on(cls))
        type.__setattr__(cls, "reads_cookies_plainly", _cookies.are_on(cls))
        for subclass in cls.__subclasses__():
            subclass._class_changed()


_query = Originals(Request, ("query_string",))
_json_methods = Originals(Request, ("is_json", "mimetype", "get_data", "_parse_content_type"))
_cookies = Originals(Request, ("cookies", "headers", "dict_storage_class"))
# The key under which Werkzeug keeps a body that was read.
_BODY_NAMES = frozenset(("stream", "form", "files", "_cached_data"))


def _decoded(value: str | None) -> str:
    """Return a path as text: WSGI passes bytes decoded as Latin-1 (PEP 3333)."""
    if not value or value.isascii():
        return value or ""
    return _wsgi_decoding_dance(value)
