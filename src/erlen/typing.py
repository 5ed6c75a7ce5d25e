"""The types of Erlen's public API.

The aliases carry Flask's names, so annotations written for Flask keep their meaning.
"""

from __future__ import annotations

import collections.abc as cabc
import typing as t

if t.TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.datastructures import Headers
    from werkzeug.sansio.response import Response


class EncodedResult(t.Protocol):
    """A result that is encoded already: ``erlen.Encoded``."""

    body: bytes
    content_type: str
    status: int
    headers: t.Iterable[tuple[str, str]]


class StructResult(t.Protocol):
    """An object of msgspec's."""

    __struct_fields__: t.ClassVar[tuple[str, ...]]


class DataclassResult(t.Protocol):
    """An object of a dataclass."""

    __dataclass_fields__: t.ClassVar[dict[str, t.Any]]


class AttrsResult(t.Protocol):
    """An object of a class by attrs."""

    __attrs_attrs__: t.ClassVar[t.Any]


class PydanticResult(t.Protocol):
    """An object of a model of pydantic's."""

    __pydantic_fields__: t.ClassVar[t.Any]


# What adapters of views encode: objects whose classes name their fields. None of the packages is imported.
TypedResult: t.TypeAlias = StructResult | DataclassResult | AttrsResult | PydanticResult

# What a view may return.
ResponseValue: t.TypeAlias = t.Union[
    "Response",
    EncodedResult,
    TypedResult,
    t.Iterator[TypedResult],
    cabc.AsyncIterable[TypedResult],
    str,
    bytes,
    list[t.Any],
    t.Mapping[str, t.Any],
    t.Iterator[str],
    t.Iterator[bytes],
    cabc.AsyncIterable[str],
    cabc.AsyncIterable[bytes],
]
# COMPAT: the aliases of Flask are objects of typing, which differ from those of ``|`` before Python 3.14.
HeaderValue: t.TypeAlias = t.Union[str, list[str], tuple[str, ...]]  # noqa: UP007
HeadersValue: t.TypeAlias = t.Union[
    "Headers", t.Mapping[str, HeaderValue], t.Sequence[tuple[str, HeaderValue]]
]
ResponseReturnValue: t.TypeAlias = t.Union[
    ResponseValue,
    tuple[ResponseValue, HeadersValue],
    tuple[ResponseValue, int],
    tuple[ResponseValue, int, HeadersValue],
    "WSGIApplication",
]
ResponseClass = t.TypeVar("ResponseClass", bound="Response")

# The functions users register, each plain or a coroutine function where that is allowed.
AppOrBlueprintKey: t.TypeAlias = t.Optional[str]  # noqa: UP045
AfterRequestCallable: t.TypeAlias = (
    t.Callable[[ResponseClass], ResponseClass] | t.Callable[[ResponseClass], t.Awaitable[ResponseClass]]
)
BeforeFirstRequestCallable: t.TypeAlias = t.Callable[[], None] | t.Callable[[], t.Awaitable[None]]
BeforeRequestCallable: t.TypeAlias = (
    t.Callable[[], ResponseReturnValue | None] | t.Callable[[], t.Awaitable[ResponseReturnValue | None]]
)
ShellContextProcessorCallable: t.TypeAlias = t.Callable[[], dict[str, t.Any]]
TeardownCallable: t.TypeAlias = (
    t.Callable[[BaseException | None], None] | t.Callable[[BaseException | None], t.Awaitable[None]]
)
TemplateContextProcessorCallable: t.TypeAlias = (
    t.Callable[[], dict[str, t.Any]] | t.Callable[[], t.Awaitable[dict[str, t.Any]]]
)
TemplateFilterCallable: t.TypeAlias = t.Callable[..., t.Any]
TemplateGlobalCallable: t.TypeAlias = t.Callable[..., t.Any]
TemplateTestCallable: t.TypeAlias = t.Callable[..., bool]
URLDefaultCallable: t.TypeAlias = t.Callable[[str, dict[str, t.Any]], None]
URLValuePreprocessorCallable: t.TypeAlias = t.Callable[
    [t.Optional[str], t.Optional[dict[str, t.Any]]],  # noqa: UP045
    None,
]
# COMPAT: a handler is registered for one class of exceptions and takes that class; a union of all
# of them cannot be described more precisely, so its argument is open, as in Flask.
ErrorHandlerCallable: t.TypeAlias = (
    t.Callable[[t.Any], ResponseReturnValue] | t.Callable[[t.Any], t.Awaitable[ResponseReturnValue]]
)
ServingCallable: t.TypeAlias = t.Callable[[], None] | t.Callable[[], t.Awaitable[None]]
# An asynchronous generator function; most are annotated as AsyncIterator.
WhileServingCallable: t.TypeAlias = t.Callable[[], cabc.AsyncIterator[None]]
WebSocketCallable: t.TypeAlias = t.Callable[..., t.Awaitable[t.Any]]
# It is called with None unless a response refuses the WebSocket.
AfterWebSocketCallable: t.TypeAlias = t.Callable[[t.Any], t.Any]
# None: a typed view that answers 204 says so.
RouteCallable: t.TypeAlias = (
    t.Callable[..., ResponseReturnValue | None] | t.Callable[..., t.Awaitable[ResponseReturnValue | None]]
)

ExcInfo: t.TypeAlias = t.Union[
    "tuple[type[BaseException], BaseException, TracebackType]", tuple[None, None, None]
]
HookTable: t.TypeAlias = "dict[AppOrBlueprintKey, list[t.Any]]"
HandlerTable: t.TypeAlias = (
    "dict[AppOrBlueprintKey, dict[int | None, dict[type[Exception], ErrorHandlerCallable]]]"
)


class ViewAdapter(t.Protocol):
    """A function in ``app.view_adapters``: what is called in the place of views."""

    def __call__(self, route: t.Any, view: t.Callable[..., t.Any], /) -> t.Callable[..., t.Any] | None:
        """Return a function with the parameters of *view*, plain or a coroutine function; None for *view*.

        *route* has a ``rule``, an ``endpoint`` and ``blueprints``, innermost first.
        """
        ...


class DirectAnswer(t.Protocol):
    """An object that answers servers by both protocols, as an application does: ``app.direct_answers``."""

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse, /) -> t.Iterable[bytes]:
        """Answer a request by WSGI."""
        ...

    def asgi_app(self, scope: t.Any, receive: t.Any, send: t.Any, /) -> t.Awaitable[None]:
        """Answer a request by ASGI, on the server's loop; only scopes of the type ``http`` come here."""
        ...


class StaticSource(t.Protocol):
    """An object that names and sends the static files of one folder: ``app.static_sources``."""

    @property
    def names(self) -> t.Mapping[str, str]:
        """The names that URLs have instead of file names; a name that is not in it stays as it is."""
        ...

    def send(self, owner: t.Any, filename: str, /) -> t.Any:
        """Return a response with a file of *owner*, an application or a blueprint; None: *owner* sends it."""
        ...
