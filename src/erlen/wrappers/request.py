"""The request: Werkzeug's, with what routing found, and with attributes computed on first use."""

from __future__ import annotations

import io
import typing as t

from werkzeug.wrappers import Request as RequestBase

from .. import json
from ..helpers import _split_blueprint_path
from ..observe import Watched
from ..originals import Originals, inherits
from .body import body_stream, rest_of, spent_stream
from .json_body import JsonBody
from .lazy import Lazy, Limit
from .multipart import FormParser
from .streaming import Pieces, check_chunked

if t.TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException
    from werkzeug.routing import Rule

    from .parts import Parts

# The methods that Erlen's own parser of forms replaces.
_PARSING = (
    "make_form_data_parser",
    "want_form_data_parsed",
    "_get_stream_for_parsing",
)


class Request(JsonBody, metaclass=Watched):
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
    def stream(self) -> t.IO[bytes]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The body, limited to its length; reading it here leaves nothing for ``form`` and ``data``."""
        if self.shallow:
            raise RuntimeError("This request is shallow (shallow=True): its body is not to be read.")
        if "HTTP_TRANSFER_ENCODING" in self.environ:
            check_chunked(self.environ)
        if self.read_length is not None:
            return spent_stream(self.environ["wsgi.input"], self.read_length)
        return body_stream(self.environ, self.max_content_length)

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
        from .parts import Parts

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
            data = rest_of(self)
            if cache:
                self._cached_data = data
        return data.decode(errors="replace") if as_text else data

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
        type.__setattr__(cls, "reads_form_plainly", parses_plainly and _form.are_on(cls))
        type.__setattr__(cls, "_stores_plainly", inherits(cls, RequestBase, "_get_file_stream"))
        type.__setattr__(cls, "limits_plainly", _limit.are_on(cls))
        type.__setattr__(cls, "reads_query_plainly", _query.are_on(cls))
        type.__setattr__(cls, "reads_json_plainly", _json_methods.are_on(cls))
        type.__setattr__(cls, "reads_cookies_plainly", _cookies.are_on(cls))
        for subclass in cls.__subclasses__():
            subclass._class_changed()


_query = Originals(Request, ("query_string", "args", "environ", "__getattribute__", "__setattr__"))
_limit = Originals(Request, ("max_content_length",))
_form = Originals(Request, ("mimetype", "_parse_content_type", "_load_form_data"))
_json_methods = Originals(Request, ("is_json", "mimetype", "get_data", "_parse_content_type"))
_cookies = Originals(Request, ("cookies", "headers", "dict_storage_class"))
Request._class_changed()
# The key under which Werkzeug keeps a body that was read.
_BODY_NAMES = frozenset(("stream", "form", "files", "_cached_data"))
