"""Random types with their values in JSON: what fits, what does not, and where."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import decimal
import enum
import itertools
import string
import typing as t
import uuid
from typing import Annotated

import attrs
import msgspec
from hypothesis import strategies as st
from msgspec import Meta
from typing_extensions import NotRequired, TypedDict

Json: t.TypeAlias = t.Any
Steps: t.TypeAlias = "tuple[str | int, ...]"

SECRET = "s3cr3t"


@dataclasses.dataclass(repr=False)
class Kind:
    """A type, and what fits it in JSON."""

    annotation: t.Any
    fits: st.SearchStrategy[Json]
    # Values of which each is one fault, here.
    unfit: t.Sequence[Json]
    # The kinds of JSON that it takes: "null", "boolean", "number", "string", "array", "object".
    takes: frozenset[str]
    # The parts of a value that fits, by the step of a JSON pointer.
    parts: t.Callable[[Json], t.Iterable[tuple[str | int, Kind]]] = lambda value: ()
    # Faults that are none of a part alone.
    faults: t.Callable[[Json], t.Iterable[Planted]] = lambda value: ()

    # Whether it crashes msgspec to put it into a union beside a tuple, or beside a type with limits.
    is_limited: bool = False
    is_row: bool = False
    # Whether structs are in it, not in its parts: a union has them once.
    has_structs: bool = False

    def __repr__(self) -> str:
        return f"<Kind {self.annotation}>"


class Planted(t.NamedTuple):
    """A fault that may be planted in a value: where it is named, and what it does to the value around."""

    at: Steps
    plant: t.Callable[[Json], None]
    # Whether nothing below can be wrong any more.
    covers: bool = True


def json_kind(value: Json) -> str:
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else kinds[type(value)]


_SAMPLES: list[Json] = [None, True, 7, 7.5, SECRET, [SECRET], {SECRET: SECRET}]


def others(*kinds: str) -> list[Json]:
    """Return values of other kinds of JSON than these."""
    return [value for value in _SAMPLES if json_kind(value) not in kinds]


def leaf(annotation: t.Any, fits: st.SearchStrategy[Json], kind: str, *unfit: Json) -> Kind:
    return Kind(
        annotation,
        fits,
        [*others(kind), *unfit],
        frozenset((kind,)),
        is_limited=hasattr(annotation, "__metadata__"),
    )


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    S = 1
    L = 3


def _form(text: str) -> str:
    """Return a text of hex digits as a UUID is written."""
    return str(uuid.UUID(text))


_hex = st.text("0123456789abcdef", min_size=32, max_size=32).map(_form)
_offsets = st.sampled_from(("Z", "+00:00", "-05:30", "+14:00"))
_naive = st.datetimes(min_value=dt.datetime(1, 1, 2), max_value=dt.datetime(9999, 12, 30)).map(
    lambda value: value.isoformat()
)
_times = st.times().map(lambda value: value.isoformat())
_texts = st.text(max_size=6)
_moments = [
    leaf(dt.date, st.dates().map(str), "string", SECRET, "2026-02-30", ""),
    leaf(dt.datetime, _naive | st.tuples(_naive, _offsets).map("".join), "string", SECRET, "2026-01-01"),
    leaf(
        Annotated[dt.datetime, Meta(tz=True)],
        st.tuples(_naive, _offsets).map("".join),
        "string",
        "2026-01-01T00:00:00",
    ),
    leaf(Annotated[dt.datetime, Meta(tz=False)], _naive, "string", "2026-01-01T00:00:00Z"),
    leaf(dt.time, _times | st.tuples(_times, _offsets).map("".join), "string", SECRET, "25:00:00"),
    leaf(
        dt.timedelta,
        st.timedeltas(dt.timedelta(days=-9999), dt.timedelta(days=9999)).map(
            lambda value: msgspec.json.decode(msgspec.json.encode(value))
        ),
        "string",
        SECRET,
        "P1Y",
        "P",
    ),
]
_strings = [
    leaf(str, _texts, "string"),
    leaf(
        Annotated[str, Meta(min_length=1, max_length=4)],
        st.text(min_size=1, max_size=4),
        "string",
        "",
        SECRET,
    ),
    leaf(Annotated[str, Meta(pattern="^[a-c]*$")], st.text("abc", max_size=5), "string", SECRET, "abd"),
    leaf(t.Literal["a", "ä/~"], st.sampled_from(("a", "ä/~")), "string", SECRET, "A"),
    leaf(Colour, st.sampled_from(("red", "blue")), "string", SECRET, "RED"),
    leaf(uuid.UUID, _hex, "string", SECRET, ""),
    leaf(
        bytes, st.binary(max_size=5).map(lambda data: msgspec.to_builtins(data)), "string", SECRET + "!", "YQ"
    ),
    leaf(
        Annotated[bytes, Meta(min_length=1, max_length=4)],
        st.binary(min_size=1, max_size=4).map(lambda data: msgspec.to_builtins(data)),
        "string",
        "",
        "AAAAAAA=",
    ),
    *_moments,
]
_whole = st.integers(-(2**70), 2**70)
_floats = st.floats(allow_nan=False, allow_infinity=False)
_integers = [
    leaf(int, _whole | st.integers(-9, 9).map(float), "number", 1.5),
    leaf(Annotated[int, Meta(ge=-3, le=10)], st.integers(-3, 10), "number", -4, 11, 2**65, 1.5),
    leaf(
        Annotated[int, Meta(gt=0, multiple_of=3)], st.integers(1, 9).map(lambda n: 3 * n), "number", 0, 4, -3
    ),
    leaf(t.Literal[1, 20], st.sampled_from((1, 20, 1.0)), "number", 2, 1.5),
    leaf(Size, st.sampled_from((1, 3)), "number", 2, 3.5),
]
_numbers = [
    *_integers,
    leaf(float, _floats | _whole, "number", 10**400),
    leaf(Annotated[float, Meta(ge=0.5, lt=3)], st.floats(0.5, 2.75), "number", 0.25, 3, -(10**30)),
    leaf(Annotated[float, Meta(multiple_of=0.25)], st.integers(-9, 9).map(lambda n: n / 4), "number", 0.3),
]
_decimals = Kind(
    decimal.Decimal,
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str)
    | st.integers(-99, 99)
    | st.just(1.5),
    [None, True, [SECRET], SECRET, "NaN", "-Infinity", ""],
    frozenset(("number", "string")),
)
_bools = leaf(bool, st.booleans(), "boolean", 1, 0)
_nulls = leaf(None, st.none(), "null")
_anything = Kind(
    t.Any,
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | _texts,
        lambda inner: st.lists(inner, max_size=2),
        max_leaves=3,
    ),
    [],
    frozenset(("null", "boolean", "number", "string", "array", "object")),
)
leaves = st.sampled_from([*_strings, *_numbers, _decimals, _bools, _anything])
simple = st.sampled_from([*_strings, *_numbers, _bools])


def with_integers(value: Json) -> Json:
    """Return a value with `1.0` as `1`, which msgspec does not take for an integer."""
    if isinstance(value, list):
        return [with_integers(item) for item in value]
    if isinstance(value, dict):
        return {key: with_integers(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_array(kind: Kind, values: list[Json]) -> list[t.Any]:
    """Return values of a type as msgspec makes them of JSON."""
    made: list[t.Any] = msgspec.convert([with_integers(value) for value in values], list[kind.annotation])  # type: ignore[name-defined]
    return made


# collections


def _pieces(value: Json, kind: Kind) -> t.Iterator[tuple[int, Kind]]:
    yield from ((index, kind) for index in range(len(value)))


@st.composite
def lists(draw: st.DrawFn, kinds: st.SearchStrategy[Kind]) -> Kind:
    item = draw(kinds)
    make: t.Any = draw(st.sampled_from((list, t.Sequence, lambda a: tuple[a, ...])))
    annotation = make(item.annotation) if make not in (list, t.Sequence) else make[item.annotation]
    most = draw(st.sampled_from((None, 2, 4)))
    if most is not None:
        annotation = Annotated[annotation, Meta(max_length=most, min_length=1)]

    def faults(value: Json) -> t.Iterator[Planted]:
        if most is not None and value:
            more = [copy.deepcopy(value[0]) for _ in range(5)]
            yield Planted((), lambda around: around.extend(more), covers=False)

    return Kind(
        annotation,
        st.lists(item.fits, min_size=1 if most else 0, max_size=most or 4),
        others("array"),
        frozenset(("array",)),
        lambda value: _pieces(value, item),
        faults,
    )


_hashable = st.sampled_from([*_strings[:7], *_integers])


@st.composite
def sets(draw: st.DrawFn) -> Kind:
    item = draw(_hashable)
    annotation = draw(st.sampled_from((set, frozenset)))[item.annotation]
    fits = st.lists(item.fits, unique=True, max_size=3)
    return Kind(
        annotation,
        fits | fits.map(lambda value: [*value, *value]),
        others("array"),
        frozenset(("array",)),
        lambda value: _pieces(value, item),
    )


@st.composite
def rows(draw: st.DrawFn, kinds: st.SearchStrategy[Kind]) -> Kind:
    items = draw(st.lists(kinds, min_size=1, max_size=3))
    return Kind(
        tuple[tuple(item.annotation for item in items)],  # type: ignore[misc]
        st.tuples(*(item.fits for item in items)).map(list),
        others("array"),
        frozenset(("array",)),
        lambda value: enumerate(items),
        lambda value: [
            Planted((len(items),), lambda around: around.append(SECRET)),
            Planted((len(items) - 1,), lambda around: around.pop()),
        ],
        is_row=True,
    )


_keys: list[tuple[t.Any, st.SearchStrategy[str], str | None]] = [
    (str, _texts, None),
    (Annotated[str, Meta(min_length=2)], st.text("ab/~", min_size=2, max_size=3), "x"),
    (int, st.integers(-99, 99).map(str), "x1"),
    (dt.date, st.dates().map(str), "2026-02-30"),
    (uuid.UUID, _hex, "x"),
    (Colour, st.sampled_from(("red", "blue")), "green"),
    (float, st.sampled_from(("1.5", "-2", "1e5")), "nan"),
    (t.Literal["a", "b"], st.sampled_from(("a", "b")), "c"),
]


@st.composite
def dicts(draw: st.DrawFn, kinds: st.SearchStrategy[Kind]) -> Kind:
    key, keys, unfit = draw(st.sampled_from(_keys))
    item = draw(kinds)

    def faults(value: Json) -> t.Iterator[Planted]:
        if value and unfit is not None:
            given = copy.deepcopy(next(iter(value.values())))
            yield Planted((unfit,), lambda around: around.update({unfit: given}))

    return Kind(
        dict[key, item.annotation],  # type: ignore[valid-type]
        st.dictionaries(keys, item.fits, max_size=3),
        others("object"),
        frozenset(("object",)),
        lambda value: ((name, item) for name in value),
        faults,
    )


@st.composite
def unions(draw: st.DrawFn, kinds: st.SearchStrategy[Kind]) -> Kind:
    """A union: of each kind of JSON at most one, which is what msgspec takes."""
    chosen: list[Kind] = []
    wanted = draw(st.lists(kinds | st.just(_nulls), min_size=2, max_size=4))
    for kind in wanted:
        if kind.annotation is not t.Any and not any(
            kind.takes & other.takes
            or (kind.has_structs and other.has_structs)
            or (kind.is_limited and other.is_row)
            or (kind.is_row and other.is_limited)
            for other in chosen
        ):
            chosen.append(kind)
    if len(chosen) < 2:
        chosen = [kind for kind in chosen if kind is not _nulls] or [_bools]
        chosen.append(_nulls)
    takes = frozenset().union(*(kind.takes for kind in chosen))

    def of(value: Json) -> Kind:
        return next(kind for kind in chosen if json_kind(value) in kind.takes)

    return Kind(
        t.Union[tuple(kind.annotation for kind in chosen)],  # noqa: UP007  # of a tuple
        st.one_of(*(kind.fits for kind in chosen)),
        others(*takes),
        takes,
        lambda value: of(value).parts(value),
        lambda value: of(value).faults(value),
        is_limited=any(kind.is_limited for kind in chosen),
        is_row=any(kind.is_row for kind in chosen),
        has_structs=any(kind.has_structs for kind in chosen),
    )


# records


@dataclasses.dataclass
class Field:
    name: str
    key: str
    kind: Kind
    # Whether it has a default, or may be left out.
    is_optional: bool


_numbered = itertools.count()
_PYTHON = ("first_name", "b", "values", "größe", "Type_")
_KEYS = ("firstName", "a/b", "~x", "x.y", "a[0]", "$ref", "größe")
KINDS = ("struct", "dataclass", "attrs", "typeddict", "namedtuple", "array")


@st.composite
def records(draw: st.DrawFn, kinds: st.SearchStrategy[Kind], tag: t.Any = None, array: bool = False) -> Kind:
    form = "struct" if tag is not None else draw(st.sampled_from(KINDS))
    if tag is not None and array:
        form = "array"
    # msgspec does not find the keys of a TypedDict that are not ASCII.
    known = [name for name in _PYTHON if name.isascii() or form != "typeddict"]
    names = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True))
    is_renamed = form == "struct" and draw(st.booleans())
    keys = draw(st.permutations(_KEYS)) if is_renamed else names
    fields = [
        Field(name, key, draw(kinds), draw(st.booleans())) for name, key in zip(names, keys, strict=False)
    ]
    # Positions: what may be left out comes last.
    fields.sort(key=lambda field: field.is_optional)
    is_closed = form in ("struct", "array") and draw(st.booleans())
    cls = _class(draw, form, fields, tag, is_closed)
    if form in ("namedtuple", "array"):
        return _as_array(cls, fields, tag if form == "array" else None, is_closed or form == "namedtuple")
    return _as_object(cls, fields, tag, is_closed)


def _class(draw: st.DrawFn, form: str, fields: list[Field], tag: t.Any, is_closed: bool) -> t.Any:
    name = f"Of{form.title()}{next(_numbered)}"
    pairs = [(field.name, field.kind.annotation) for field in fields]
    defaults = {
        field.name: msgspec.convert(
            with_integers(draw(field.kind.fits)), field.kind.annotation, str_keys=True
        )
        for field in fields
        if field.is_optional and form != "typeddict"
    }

    def made(name: str) -> t.Callable[[], t.Any]:
        return lambda: copy.deepcopy(defaults[name])

    if form == "typeddict":
        hints = {
            each.name: NotRequired[each.kind.annotation] if each.is_optional else each.kind.annotation
            for each in fields
        }
        return TypedDict(name, hints)  # type: ignore[operator]
    if form == "namedtuple":
        cls: t.Any = t.NamedTuple(name, pairs)  # type: ignore[misc]
        cls.__new__.__defaults__ = tuple(defaults.values())
        cls._field_defaults = defaults
        return cls
    if form == "dataclass":
        of_data: list[t.Any] = [
            (each, kind, dataclasses.field(default_factory=made(each))) if each in defaults else (each, kind)
            for each, kind in pairs
        ]
        return dataclasses.make_dataclass(name, of_data)
    if form == "attrs":
        return attrs.make_class(
            name,
            {
                each: attrs.field(type=kind, **({"factory": made(each)} if each in defaults else {}))
                for each, kind in pairs
            },
        )
    specified: list[t.Any] = []
    for field in fields:
        options: dict[str, t.Any] = {"name": field.key} if field.key != field.name else {}
        if field.name in defaults:
            options["default_factory"] = made(field.name)
        specified.append((field.name, field.kind.annotation, msgspec.field(**options)))
    return msgspec.defstruct(
        name,
        specified,
        tag=tag,
        forbid_unknown_fields=is_closed,
        array_like=form == "array",
        kw_only=form == "struct",
    )


def _default_of(value: t.Any) -> t.Any:
    if value is None or isinstance(value, (str, int, float, dt.date)):
        return dataclasses.field(default=value)
    return dataclasses.field(default_factory=lambda: copy.deepcopy(value))


def _as_object(cls: t.Any, fields: list[Field], tag: t.Any, is_closed: bool) -> Kind:
    required = {field.key: field.kind.fits for field in fields if not field.is_optional}
    optional = {field.key: field.kind.fits for field in fields if field.is_optional}
    if tag is not None:
        required["type"] = st.just(tag)
    kinds = {field.key: field.kind for field in fields}

    def faults(value: Json) -> t.Iterator[Planted]:
        for key in required:
            if key != "type":
                yield Planted((key,), lambda around, key=key: around.pop(key))  # type: ignore[misc]
        if is_closed:
            yield Planted((SECRET,), lambda around: around.update({SECRET: 1}))
        if tag is not None:
            yield Planted(("type",), lambda around: around.update(type=SECRET), covers=False)

    return Kind(
        cls,
        st.fixed_dictionaries(required, optional=optional),
        others("object"),
        frozenset(("object",)),
        lambda value: ((key, kinds[key]) for key in value if key in kinds),
        faults,
        has_structs=hasattr(cls, "__struct_fields__"),
    )


def _as_array(cls: t.Any, fields: list[Field], tag: t.Any, is_closed: bool) -> Kind:
    first = 0 if tag is None else 1
    needed = sum(not field.is_optional for field in fields)
    front = [] if tag is None else [st.just(tag)]

    def of_length(length: int) -> st.SearchStrategy[Json]:
        return st.tuples(*front, *(field.kind.fits for field in fields[:length])).map(list)

    def faults(value: Json) -> t.Iterator[Planted]:
        if is_closed and len(value) == first + len(fields):
            yield Planted((len(value),), lambda around: around.append(SECRET))
        if needed and len(value) == first + needed:
            yield Planted((len(value) - 1,), lambda around: around.pop())

    return Kind(
        cls,
        st.integers(needed, len(fields)).flatmap(of_length),
        others("array"),
        frozenset(("array",)),
        lambda value: (
            (index + first, field.kind) for index, field in enumerate(fields) if index + first < len(value)
        ),
        faults,
        has_structs=hasattr(cls, "__struct_fields__"),
    )


@st.composite
def tagged(draw: st.DrawFn, kinds: st.SearchStrategy[Kind]) -> Kind:
    """A union of structs that a tag tells apart."""
    array = draw(st.booleans())
    tags = draw(st.sampled_from((("cat", "dog"), (5, 6), ("a/b", "b", "c"))))
    key: str | int = 0 if array else "type"
    options = {tag: draw(records(kinds, tag, array)) for tag in tags}

    def unfit(around: Json) -> None:
        around[key] = SECRET

    def faults(value: Json) -> t.Iterator[Planted]:
        yield Planted((key,), unfit)
        yield from (fault for fault in options[value[key]].faults(value) if fault.at != (key,))

    kind = "array" if array else "object"
    return Kind(
        t.Union[tuple(option.annotation for option in options.values())],  # noqa: UP007  # of a tuple
        st.one_of(*(option.fits for option in options.values())),
        others(kind),
        frozenset((kind,)),
        lambda value: options[value[key]].parts(value),
        faults,
        has_structs=True,
    )


def _deeper(kinds: st.SearchStrategy[Kind]) -> st.SearchStrategy[Kind]:
    return st.one_of(
        records(kinds), lists(kinds), dicts(kinds), rows(kinds), unions(kinds), tagged(kinds), sets()
    )


types = st.recursive(leaves, _deeper, max_leaves=6)
# A result that may be text is sent as text, as in Flask.
bodies = (records(types) | tagged(types) | _deeper(types)).filter(
    lambda kind: not kind.takes <= {"string", "null"}
)


# values


class Place(t.NamedTuple):
    """A part of a value: its steps, its type, and the faults that may be planted there."""

    steps: Steps
    value: Json
    kind: Kind


def places(kind: Kind, value: Json, steps: Steps = ()) -> t.Iterator[Place]:
    """Yield every part of a value that fits a type."""
    yield Place(steps, value, kind)
    for step, part in kind.parts(value):
        yield from places(part, value[step], (*steps, step))


def pointer(steps: Steps) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def parent(value: Json, steps: Steps) -> Json:
    """Return the part of a value that steps lead to."""
    for step in steps:
        value = value[step]
    return value


@st.composite
def with_faults(draw: st.DrawFn, kind: Kind, most: int = 4) -> tuple[Json, list[str]]:
    """Return a value with faults planted in it, and where they are."""
    root = [draw(kind.fits)]
    found = [*places(kind, root[0])]
    chosen: list[tuple[Steps, Steps, t.Callable[[Json], None], bool]] = []
    for _ in range(draw(st.integers(1, most))):
        place = draw(st.sampled_from(found))
        planted = [*place.kind.faults(place.value)]
        unfit = list(place.kind.unfit)
        if not planted and not unfit:
            continue
        if planted and (not unfit or draw(st.booleans())):
            fault = draw(st.sampled_from(planted))
            new = ((*place.steps, *fault.at), (0, *place.steps), fault.plant, fault.covers)
        else:
            value = copy.deepcopy(draw(st.sampled_from(unfit)))
            last = (0, *place.steps)[-1]

            def put(around: Json, last: t.Any = last, value: Json = value) -> None:
                around[last] = value

            new = (place.steps, (0, *place.steps)[:-1], put, True)
        if not any(_touch(new, other) for other in chosen):
            chosen.append(new)
    for _, around, plant, _ in chosen:
        plant(parent(root, around))
    return root[0], sorted(pointer(at) for at, _, _, _ in chosen)


def _touch(one: tuple[t.Any, ...], other: tuple[t.Any, ...]) -> bool:
    """Tell whether two faults cannot be planted together: one is in what the other spoils."""
    return _is_in(one, other) or _is_in(other, one)


def _is_in(inner: tuple[t.Any, ...], outer: tuple[t.Any, ...]) -> bool:
    at, around, _, covers = outer
    if inner[0] == at:
        return True
    # A tag that is unfit leaves open what the rest has to be.
    spoiled = around[1:] if covers and at and at[-1] in ("type", 0) and at[:-1] == around[1:] else at
    return covers and (inner[0][: len(spoiled)] == spoiled or inner[1][1 : 1 + len(spoiled)] == spoiled)


_KEPT = string.ascii_lowercase[:3]
_pool = st.one_of(
    st.sampled_from(
        (
            None,
            True,
            False,
            0,
            1,
            1.0,
            -1,
            3,
            10**30,
            1e30,
            0.25,
            -0.0,
            "",
            "a",
            "abc",
            "red",
            "cat",
            "YQ==",
            "YWJj",
        )
    ),
    st.sampled_from(
        (
            "2026-01-01",
            "2026-02-30",
            "10:00:00",
            "2026-01-01T10:00:00",
            "2026-01-01T10:00:00+01:00",
            "P1D",
            "P1Y",
            "PT1.5S",
            "-PT2S",
            "12345678-1234-5678-1234-567812345678",
            "1.5",
            "NaN",
            "12",
            "x" * 9,
            "1e3",
        ),
    ),
    st.text(_KEPT, max_size=3),
    st.lists(st.integers(0, 2), max_size=3),
    st.dictionaries(st.sampled_from(("a", "b", "type", "12")), st.integers(0, 2), max_size=2),
)


@st.composite
def nearly(draw: st.DrawFn, kind: Kind) -> Json:
    """Return a value that fits, or one that differs a little from it."""
    root = [draw(kind.fits)]
    for _ in range(draw(st.integers(0, 3))):
        steps = draw(st.sampled_from([*_steps_of(root)]))
        around, last = parent(root, steps[:-1]), steps[-1]
        change = draw(st.sampled_from(("replace", "drop", "repeat", "rename")))
        if change == "replace" or len(steps) == 1:
            around[last] = draw(_pool)
        elif change == "drop":
            del around[last]
        elif change == "repeat" and isinstance(around, list):
            around.append(copy.deepcopy(around[last]))
        else:
            around_key = draw(st.sampled_from(("a", "12", "type", "x1", "2026-01-01")))
            if isinstance(around, dict):
                around[around_key] = copy.deepcopy(around[last])
    return root[0]


def _steps_of(value: Json, steps: Steps = ()) -> t.Iterator[Steps]:
    pairs = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for step, part in pairs:
        yield (*steps, step)
        yield from _steps_of(part, (*steps, step))
