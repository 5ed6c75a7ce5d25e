"""Where each parameter of a view comes from: settled once, when the plan is made."""

from __future__ import annotations

import copy
import inspect
import types
import typing as t
from dataclasses import dataclass, field, replace

import msgspec
from werkzeug.datastructures import FileStorage

from .annotations import Signature, Unresolved, signature_of
from .errors import SetupError
from .media_types import JSON, carried
from .security import Scheme
from .shapes import (
    NONE,
    Choice,
    Listing,
    Record,
    Scalar,
    crashes,
    has_pydantic,
    is_for_pydantic,
    is_record,
    shape_of,
    without_extras,
)
from .sources import Body, Cookie, Form, Header, Query, Source

if t.TYPE_CHECKING:
    from .providers import Provider, Providers

NOTHING: t.Any = inspect.Parameter.empty


@dataclass(frozen=True)
class Parameter:
    """A parameter, and where its value comes from."""

    name: str
    # With what `Annotated` adds.
    annotation: t.Any
    # "path", "query", "header", "cookie", "form", "file", "part", "body", "provider", "scheme"; "left" where
    # a decorator supplies it, or its default does.
    where: str
    # Why it comes from there, in a few words.
    why: str
    # The name in the request.
    key: str = ""
    default: t.Any = NOTHING
    # Of a variable of the rule: whether its converter gives what the annotation wants.
    is_converted: bool = False
    provider: Provider | None = None
    scheme: Scheme | None = None
    # Those that a body may have.
    media_types: tuple[str, ...] = (JSON,)

    @property
    def is_required(self) -> bool:
        """Whether the request must have it."""
        return self.default is NOTHING

    def make_default(self) -> t.Any:
        """Return the default; one that could be changed is copied."""
        return copy.copy(self.default) if isinstance(self.default, (list, dict, set)) else self.default


@dataclass
class Taken:
    """What is known beside a function when its parameters are settled."""

    # How the view is named in messages.
    view: str
    # The variables of the rule, each with the type that its converter gives, or None where nobody knows; and
    # those of other rules of the endpoint.
    of_rule: t.Mapping[str, t.Any] = field(default_factory=dict)
    of_others: frozenset[str] = frozenset()
    # None: any method may have a body.
    methods: frozenset[str] | None = None
    providers: Providers | None = None
    # Those that a body may have.
    media_types: tuple[str, ...] = (JSON,)
    # Names that decorators supply.
    supplied: frozenset[str] = frozenset()
    # Whether a decorator or a preprocessor may supply what nothing else does.
    has_suppliers: bool = False


def settle(function: t.Callable[..., t.Any], taken: Taken) -> tuple[list[Parameter], Signature]:
    """Return the parameters of a function, each with its source; raise `SetupError` where there is none."""
    signature = signature_of(function)
    if not signature.is_annotated:
        # It asks for nothing, and is called as in Flask: what it does not get is no concern of an Api.
        taken = replace(taken, of_others=frozenset(), has_suppliers=True)
    named = [
        (name, parameter)
        for name, parameter in signature.parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) and name != "self"
    ]
    has_file = any(_is_file(without_extras(parameter.annotation)[0]) for _, parameter in named)
    settled = [_settle(name, parameter, taken, has_file) for name, parameter in named]
    for parameter in settled:
        if parameter.where in _READ:
            _check_type(parameter, taken)
    bodies = [parameter.name for parameter in settled if parameter.where == "body"]
    if len(bodies) > 1:
        raise SetupError(
            f"{taken.view} has two bodies: {' and '.join(map(repr, bodies))}. Put them into one class, or say"
            " where one of them comes from, as in Annotated[…, Query()]."
        )
    if bodies and any(parameter.where in ("form", "file", "part") for parameter in settled):
        raise SetupError(f"{taken.view} has a body, {bodies[0]!r}, and a form: a request has one of them.")
    return settled, signature


_READ = frozenset(("path", "query", "header", "cookie", "form", "part", "body"))


def _check_type(parameter: Parameter, taken: Taken) -> None:
    """Raise a `SetupError` for a type that nothing can be read as."""
    annotation = parameter.annotation
    if isinstance(annotation, Unresolved) or annotation is NOTHING or parameter.is_converted:
        return
    shape = shape_of(annotation)
    if crashes(shape):
        raise SetupError(
            f"{parameter.name!r} in {taken.view} has a union of a tuple of a fixed length and a type with"
            " limits, which crashes msgspec. Use a NamedTuple or another record for the tuple."
        )
    try:
        if has_pydantic(shape):
            from pydantic import TypeAdapter

            TypeAdapter(annotation)
        else:
            msgspec.json.Decoder(annotation)
    except (TypeError, RuntimeError) as error:  # pydantic's is of the second kind
        reason = str(error).partition("\n")[0]
        raise SetupError(f"{parameter.name!r} in {taken.view} cannot be read: {reason}") from None


def _settle(name: str, parameter: inspect.Parameter, taken: Taken, has_file: bool) -> Parameter:
    annotation, default = parameter.annotation, parameter.default
    _, extras = without_extras(annotation)
    _refuse_unread(name, annotation, extras, default, taken)
    if name in taken.of_rule:
        given = taken.of_rule[name]
        is_converted = (
            annotation in (NOTHING, t.Any) or annotation is given or not _is_convertible(annotation, given)
        )
        return Parameter(name, annotation, "path", "a variable of the rule", name, default, is_converted)
    if name in taken.supplied:
        return Parameter(name, annotation, "left", "a decorator supplies it", name, default)
    if name in taken.of_others:
        if default is NOTHING:
            raise SetupError(
                f"{taken.view} needs {name!r}, which another rule of its endpoint has, and this one has not."
                " Give it a default."
            )
        return Parameter(name, annotation, "left", "a variable of another rule", name, default)
    if isinstance(annotation, Unresolved):
        return _unresolved(name, annotation, default, taken)
    for extra in extras:
        extra = extra() if isinstance(extra, type) and issubclass(extra, (Source, Scheme)) else extra
        if isinstance(extra, Scheme):
            return Parameter(
                name, annotation, "scheme", f"{type(extra).__name__} asks for it", name, default, scheme=extra
            )
        if isinstance(extra, Source):
            return _marked(name, annotation, default, extra, taken)
    return _by_type(name, annotation, default, taken, has_file)


def _refuse_unread(
    name: str, annotation: t.Any, extras: tuple[t.Any, ...], default: t.Any, taken: Taken
) -> None:
    """Raise `SetupError` for constraints and sources of other libraries: in silence, none would hold."""
    is_read = has_pydantic(shape_of(annotation)) if any(map(is_for_pydantic, extras)) else True
    unread = [each for each in extras if _is_of_fastapi(each) or (is_for_pydantic(each) and not is_read)]
    # A default of `Field()`, or of one of its subclasses, that FastAPI has.
    if _is_of_fastapi(default) or any(each.__name__ == "FieldInfo" for each in type(default).__mro__):
        unread.append(default)
    for each in unread[:1]:
        library = type(each).__module__.partition(".")[0]
        raise SetupError(
            f"{name!r} in {taken.view} has {type(each).__name__} of {library}, which nothing reads here."
            " Constraints are Annotated[…, Meta(ge=1)] and sources Annotated[…, Query()], both from"
            " erlen.api; '@api.provider' registers what supplies a type."
        )


def _is_of_fastapi(extra: t.Any) -> bool:
    return type(extra).__module__.partition(".")[0] == "fastapi"


def _unresolved(name: str, annotation: Unresolved, default: t.Any, taken: Taken) -> Parameter:
    if default is NOTHING and not taken.has_suppliers:
        raise SetupError(f"The annotation of {name!r} in {taken.view} cannot be resolved: {annotation!r}.")
    return Parameter(name, t.Any, "left", "its annotation cannot be resolved", name, default)


def _marked(name: str, annotation: t.Any, default: t.Any, source: Source, taken: Taken) -> Parameter:
    if isinstance(source, Body):
        _check_body(name, taken)
    if not isinstance(source, (Query, Header, Cookie, Form, Body)):
        raise SetupError(f"{name!r} in {taken.view} has a source of no known kind: {source!r}.")
    return Parameter(
        name,
        annotation,
        source.where,
        f"{type(source).__name__}() says so",
        source.key(name),
        default,
        media_types=carried(annotation, taken.media_types),
    )


def _by_type(name: str, annotation: t.Any, default: t.Any, taken: Taken, has_file: bool) -> Parameter:
    inner, _ = without_extras(annotation)
    if _is_file(inner):
        return Parameter(name, annotation, "file", "its type is FileStorage", name, default)
    provider = taken.providers.find(inner) if taken.providers is not None else None
    if provider is not None:
        why = f"{provider.name} supplies it"
        return Parameter(name, annotation, "provider", why, name, default, provider=provider)
    if annotation is NOTHING:
        return _left(name, annotation, default, taken, "it has no annotation")
    shape = shape_of(annotation)
    if is_record(shape):
        if has_file:
            return Parameter(name, annotation, "part", "its type is a record, beside files", name, default)
        _check_body(name, taken)
        kinds = carried(annotation, taken.media_types)
        return Parameter(name, annotation, "body", "its type is a record", name, default, media_types=kinds)
    if is_simple(annotation):
        return Parameter(name, annotation, "query", "its type is simple", name, default)
    return _left(name, annotation, default, taken, "its type says nothing about a source")


def _left(name: str, annotation: t.Any, default: t.Any, taken: Taken, why: str) -> Parameter:
    if default is NOTHING and not taken.has_suppliers:
        raise SetupError(
            f"Nothing supplies {name!r} of {taken.view}: the rule has no such variable, and {why}."
            " Annotate it, give it a default, or register a provider for its type."
        )
    return Parameter(name, annotation, "left", why, name, default)


def _check_body(name: str, taken: Taken) -> None:
    if taken.methods is not None and not taken.methods - _WITHOUT_BODY:
        raise SetupError(
            f"{taken.view} takes the body {name!r} and answers {', '.join(sorted(taken.methods))} only, which"
            " have none. Write Annotated[…, Query()] if it comes from the query."
        )


_WITHOUT_BODY = frozenset(("GET", "HEAD", "OPTIONS"))


def _is_convertible(annotation: t.Any, given: t.Any) -> bool:
    """Tell whether msgspec may make what an annotation wants of what a converter gives."""
    if isinstance(annotation, Unresolved):
        return False
    return given is not None or is_simple(annotation)


def _is_file(annotation: t.Any) -> bool:
    inner = _without_none(annotation)
    if t.get_origin(inner) is list:
        (inner,) = t.get_args(inner)
    return isinstance(inner, type) and issubclass(inner, FileStorage)


def _without_none(annotation: t.Any) -> t.Any:
    if t.get_origin(annotation) in (t.Union, types.UnionType):
        options = [option for option in t.get_args(annotation) if option is not NONE]
        return options[0] if len(options) == 1 else annotation
    return annotation


def is_simple(annotation: t.Any) -> bool:
    """Tell whether text can be converted to a type, or several texts to a list or set of it."""
    shape = shape_of(annotation)
    if isinstance(shape, Listing):
        return isinstance(shape.item, (Scalar, Choice)) and is_simple(shape.item.annotation)
    if isinstance(shape, Choice):
        return all(
            not isinstance(option, Record) and is_simple(option.annotation) for option in shape.options
        )
    if not isinstance(shape, Scalar):
        return False
    inner, _ = without_extras(annotation)
    inner = getattr(inner, "__supertype__", inner)
    if t.get_origin(inner) is t.Literal or inner is NONE:
        return True
    if not isinstance(inner, type):
        return False
    try:
        known = msgspec.inspect.type_info(inner)
    except TypeError:
        return False
    return not isinstance(
        known, (msgspec.inspect.CustomType, msgspec.inspect.AnyType, msgspec.inspect.RawType)
    )


def is_list(annotation: t.Any) -> bool:
    """Tell whether a parameter takes several values."""
    shape = shape_of(annotation)
    if isinstance(shape, Choice):
        return any(isinstance(option, Listing) for option in shape.options)
    return isinstance(shape, Listing)
