"""The shape of a type: which records, lists and mappings are in it, down to scalars.

What msgspec does in one step is done again by shapes where one step is not enough: to name every fault of a
body, and to let out of a result what is declared and nothing else.
"""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import types
import typing as t

import msgspec

NONE = type(None)
_LISTS = (
    list,
    set,
    frozenset,
    cabc.Sequence,
    cabc.Collection,
    cabc.MutableSequence,
    cabc.Set,
    cabc.MutableSet,
)
_MAPPINGS = (dict, cabc.Mapping, cabc.MutableMapping)


Limits: t.TypeAlias = "tuple[int | None, int | None]"


class Scalar(t.NamedTuple):
    """A type without parts that anybody looks into."""

    annotation: t.Any

    @property
    def inner(self) -> t.Any:
        """The type without what `Annotated` adds."""
        return _plain(self.annotation)[0]


class Listing(t.NamedTuple):
    """A list, set or tuple of any length."""

    annotation: t.Any
    item: Shape
    # How many items there may be, at least and at most.
    limits: Limits = (None, None)


class Row(t.NamedTuple):
    """A tuple of a known length, each item of its own type."""

    annotation: t.Any
    items: tuple[Shape, ...]


class Mapping(t.NamedTuple):
    """A dict."""

    annotation: t.Any
    key: Shape
    value: Shape
    limits: Limits = (None, None)


class Choice(t.NamedTuple):
    """A union."""

    annotation: t.Any
    options: tuple[Shape, ...]


class Field(t.NamedTuple):
    """A field of a record."""

    name: str
    # The name in JSON.
    key: str
    required: bool
    # Deferred, as types may refer to themselves.
    annotation: t.Any
    default: t.Any = msgspec.NODEFAULT


class Record:
    """A class whose fields are known: Struct, dataclass, attrs, TypedDict, NamedTuple, pydantic's models."""

    def __init__(self, annotation: t.Any, kind: str) -> None:
        self.annotation = annotation
        self.kind = kind
        self.cls: type[t.Any] = t.get_origin(annotation) or annotation
        self.fields = tuple(_FIELDS[kind](annotation))
        self.keys = frozenset(field.key for field in self.fields)
        self._shapes: dict[str, Shape] | None = None
        config = getattr(self.cls, "__struct_config__", None)
        # Whether it is an array in JSON, its fields in their order.
        self.is_array = kind == "namedtuple" or bool(config is not None and config.array_like)
        self.tag_field: str | None = getattr(config, "tag_field", None)
        self.tag: str | int | None = getattr(config, "tag", None)
        # A named tuple has no place for more.
        self.is_closed = kind == "namedtuple" or bool(getattr(config, "forbid_unknown_fields", False))

    @property
    def has_defaults(self) -> bool:
        """Whether a field may be missing."""
        return not all(field.required for field in self.fields)

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shape of each field, by name."""
        if self._shapes is None:
            self._shapes = {field.name: shape_of(field.annotation) for field in self.fields}
        return self._shapes


Shape: t.TypeAlias = Scalar | Listing | Row | Mapping | Choice | Record


def without_extras(annotation: t.Any) -> tuple[t.Any, tuple[t.Any, ...]]:
    """Return an annotation and what `Annotated` adds to it."""
    if t.get_origin(annotation) is t.Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


def shape_of(annotation: t.Any) -> Shape:
    """Return the shape of a type."""
    inner, limits = _plain(annotation)
    origin, arguments = t.get_origin(inner), t.get_args(inner)
    if origin in (t.Union, types.UnionType):
        return Choice(annotation, tuple(shape_of(each) for each in arguments))
    kind = record_kind(origin or inner)
    if kind is not None:
        return _record(inner, kind)
    if origin in _LISTS and len(arguments) == 1:
        return Listing(annotation, shape_of(arguments[0]), limits)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return Listing(annotation, shape_of(arguments[0]), limits)
    if origin is tuple:
        return Row(annotation, tuple(map(shape_of, arguments)))
    if origin in _MAPPINGS and len(arguments) == 2:
        return Mapping(annotation, shape_of(arguments[0]), shape_of(arguments[1]), limits)
    return Scalar(annotation)


def _plain(annotation: t.Any) -> tuple[t.Any, Limits]:
    """Return a type without `Annotated`, alias and NewType, and the lengths that these have added."""
    inner, extras = _with_all_extras(annotation)
    least, most = (
        next((limit for each in extras if (limit := getattr(each, name, None)) is not None), None)
        for name in ("min_length", "max_length")
    )
    return inner, (least, most)


def _with_all_extras(annotation: t.Any) -> tuple[t.Any, list[t.Any]]:
    """Return a type without `Annotated`, alias and NewType, and what these add, the outermost first."""
    found: list[t.Any] = []
    while True:
        annotation, extras = without_extras(annotation)
        found += extras
        if type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        else:
            return annotation, found


_records: dict[t.Any, Record] = {}


def _record(annotation: t.Any, kind: str) -> Record:
    found = _records.get(annotation)
    if found is None:
        found = _records[annotation] = Record(annotation, kind)
    return found


def record_kind(cls: t.Any) -> str | None:
    """Return which kind of record a class is, or None."""
    if not isinstance(cls, type):
        return "typeddict" if t.is_typeddict(cls) else None
    for attribute, kind in _KINDS.items():
        if hasattr(cls, attribute):
            return kind
    if t.is_typeddict(cls) or _is_other_typeddict(cls):
        return "typeddict"
    return "namedtuple" if issubclass(cls, tuple) and hasattr(cls, "_fields") else None


_KINDS = {
    "__struct_fields__": "struct",
    "__pydantic_fields__": "pydantic",
    "__dataclass_fields__": "dataclass",
    "__attrs_attrs__": "attrs",
}


def _is_other_typeddict(cls: type) -> bool:
    # That of typing_extensions is another class on old Pythons.
    return issubclass(cls, dict) and hasattr(cls, "__required_keys__")


def walk(shape: Shape, seen: set[int] | None = None) -> t.Iterator[Shape]:
    """Yield a shape and all that are in it; each record once."""
    seen = set() if seen is None else seen
    if isinstance(shape, Record):
        if id(shape) in seen:
            return
        seen.add(id(shape))
    yield shape
    for part in _parts(shape):
        yield from walk(part, seen)


def _parts(shape: Shape) -> t.Iterable[Shape]:
    if isinstance(shape, Record):
        return shape.shapes.values()
    if isinstance(shape, Listing):
        return (shape.item,)
    if isinstance(shape, Mapping):
        return (shape.key, shape.value)
    if isinstance(shape, Choice):
        return shape.options
    return shape.items if isinstance(shape, Row) else ()


def has_pydantic(shape: Shape) -> bool:
    """Tell whether a model of pydantic's is in a type."""
    return any(isinstance(each, Record) and each.kind == "pydantic" for each in walk(shape))


def is_endless(shape: Shape, around: frozenset[int] = frozenset()) -> bool:
    """Tell whether values of a type may be nested without end: it is in itself, or a part may be anything."""
    if isinstance(shape, Scalar):
        return shape.inner in (t.Any, object, list, dict, tuple)
    if isinstance(shape, Record):
        if id(shape) in around:
            return True
        around |= {id(shape)}
    return any(is_endless(part, around) for part in _parts(shape))


def crashes(shape: Shape) -> bool:
    """Tell whether msgspec would read beyond its memory: it does for a union of a tuple and a limited type.

    Seen with msgspec 0.23: ``tuple[int, str] | Annotated[str, Meta(max_length=5)]``.
    """
    return any(
        isinstance(each, Choice)
        and any(isinstance(option, Row) for option in each.options)
        and any(_is_limited(option.annotation) for option in each.options)
        for each in walk(shape)
    )


_LIMITS = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length")


def _is_limited(annotation: t.Any) -> bool:
    _, extras = _with_all_extras(annotation)
    return any(getattr(extra, limit, None) is not None for extra in extras for limit in _LIMITS)


def is_set(shape: Listing) -> bool:
    """Tell whether items that are equal count once."""
    inner = _plain(shape.annotation)[0]
    return t.get_origin(inner) in (set, frozenset, cabc.Set, cabc.MutableSet)


def is_record(shape: Shape) -> bool:
    """Tell whether a value of this shape stands for a whole body: a record, a mapping, a list of records."""
    if isinstance(shape, Choice):
        options = [option for option in shape.options if option != Scalar(NONE)]
        return bool(options) and all(map(is_record, options))
    if isinstance(shape, Listing):
        return is_record(shape.item)
    return isinstance(shape, (Record, Mapping)) or shape.annotation is dict


def is_for_pydantic(extra: t.Any) -> bool:
    """Tell whether something in `Annotated` is for pydantic: its `Field`, `Gt` and the like."""
    return type(extra).__module__.partition(".")[0] in ("pydantic", "annotated_types")


# the fields of each kind


def _hints(cls: t.Any) -> dict[str, t.Any]:
    origin = t.get_origin(cls) or cls
    hints = t.get_type_hints(origin, include_extras=True)
    parameters = dict(zip(getattr(origin, "__parameters__", ()), t.get_args(cls), strict=False))
    return {name: _filled(hint, parameters) for name, hint in hints.items()} if parameters else hints


def _filled(hint: t.Any, parameters: dict[t.Any, t.Any]) -> t.Any:
    """Return an annotation with its type variables replaced."""
    if isinstance(hint, t.TypeVar):
        return parameters.get(hint, hint)
    own = getattr(hint, "__parameters__", ())
    return hint[tuple(parameters.get(each, each) for each in own)] if own else hint


def _of_struct(cls: t.Any) -> t.Iterator[Field]:
    for field in msgspec.structs.fields(cls):
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        yield Field(field.name, field.encode_name, field.required, field.type, default)


def _of_dataclass(cls: t.Any) -> t.Iterator[Field]:
    hints = _hints(cls)
    for field in dataclasses.fields(t.get_origin(cls) or cls):
        default: t.Any = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        missing = default is dataclasses.MISSING
        yield Field(
            field.name, field.name, missing, hints[field.name], msgspec.NODEFAULT if missing else default
        )


def _of_attrs(cls: t.Any) -> t.Iterator[Field]:
    hints = _hints(cls)
    for field in (t.get_origin(cls) or cls).__attrs_attrs__:
        missing = type(field.default).__name__ == "_Nothing" or repr(field.default) == "NOTHING"
        default: t.Any = msgspec.NODEFAULT if missing else field.default
        if hasattr(default, "factory"):
            default = msgspec.UNSET if default.takes_self else default.factory()
        yield Field(field.name, field.name, missing, hints.get(field.name, t.Any), default)


def _of_typeddict(cls: t.Any) -> t.Iterator[Field]:
    origin = t.get_origin(cls) or cls
    required = origin.__required_keys__
    for name, hint in _hints(cls).items():
        inner = t.get_args(hint)[0] if str(t.get_origin(hint)).rpartition(".")[2] in _QUALIFIERS else hint
        yield Field(name, name, name in required, inner)


_QUALIFIERS = ("Required", "NotRequired", "ReadOnly")


def _of_namedtuple(cls: t.Any) -> t.Iterator[Field]:
    hints = _hints(cls)
    origin = t.get_origin(cls) or cls
    for name in origin._fields:
        default = origin._field_defaults.get(name, msgspec.NODEFAULT)
        yield Field(name, name, default is msgspec.NODEFAULT, hints.get(name, t.Any), default)


def _of_pydantic(cls: t.Any) -> t.Iterator[Field]:
    for name, field in cls.__pydantic_fields__.items():
        alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
        # With the constraints, which the document shows.
        annotation = t.cast("t.Any", t.Annotated)[field.annotation, field]
        yield Field(name, alias or name, field.is_required(), annotation)


_FIELDS: dict[str, t.Callable[[t.Any], t.Iterator[Field]]] = {
    "struct": _of_struct,
    "dataclass": _of_dataclass,
    "attrs": _of_attrs,
    "typeddict": _of_typeddict,
    "namedtuple": _of_namedtuple,
    "pydantic": _of_pydantic,
}
