"""Schemas that say exactly what is read: msgspec's leave the forms of some texts open.

Without that, a date without its offset, a key that is no number or a body that is no base64 would fit the
schema and be refused.
"""

from __future__ import annotations

import typing as t

from msgspec import inspect as mi

Schema: t.TypeAlias = "dict[str, t.Any]"

_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
_DURATION = (
    "^[+-]?P(?=[0-9T])([0-9]{1,8}D)?(T(?=[0-9])([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}([.][0-9]{1,6})?S)?)?$"
)
_DECIMAL = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,6})?$"
_WHOLE = "^-?(0|[1-9][0-9]*)$"
_NUMBER = "^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]{1,2})?$"
_B64 = "[A-Za-z0-9+/]"


class Exact:
    """The types of the components of msgspec's schemas, found on the way while these are made exact."""

    def __init__(self, components: dict[str, Schema], prefix: str, *, is_sent: bool) -> None:
        self.types: dict[str, t.Any] = {}
        self._components = components
        self._prefix = prefix
        self._is_sent = is_sent

    def amend(self, schema: Schema, info: t.Any) -> None:
        """Change the schema of a type, and those that it refers to."""
        while isinstance(info, mi.Metadata):
            info = info.type
        if "$ref" in schema:
            self._component(schema["$ref"].removeprefix(self._prefix), info)
        elif isinstance(info, mi.CollectionType):
            self._pairs([(schema.get("items"), info.item_type)])
            if isinstance(info, (mi.SetType, mi.FrozenSetType)) and not self._is_sent:
                schema.pop("uniqueItems", None)  # what comes twice counts once
        elif isinstance(info, mi.TupleType):
            self._pairs(zip(schema.get("prefixItems", ()), info.item_types, strict=False))
        elif isinstance(info, mi.DictType):
            self._pairs([(schema.get("additionalProperties"), info.value_type)])
            self._add_keys(schema, info.key_type)
        elif isinstance(info, mi.UnionType):
            self._union(schema, info)
        else:
            amend = _TEXTS.get(type(info))
            if amend is not None:
                amend(schema, info, self._is_sent)

    def _pairs(self, pairs: t.Iterable[tuple[t.Any, t.Any]]) -> None:
        for schema, info in pairs:
            if isinstance(schema, dict):
                self.amend(schema, info)

    def _component(self, name: str, info: t.Any) -> None:
        if name in self.types:
            return
        self.types[name] = info
        schema = self._components[name]
        fields = getattr(info, "fields", ())
        if "prefixItems" in schema:
            items = schema["prefixItems"]
            those = items[len(items) - len(fields) :]  # behind the tag
            self._pairs(zip(those, (field.type for field in fields), strict=True))
        elif "properties" in schema:
            self._pairs((schema["properties"][field.encode_name], field.type) for field in fields)

    def _union(self, schema: Schema, info: mi.UnionType) -> None:
        """Amend the options; msgspec puts structs behind the others, and those of several into one."""
        structs = [each for each in info.types if _is_object(each)]
        others = [each for each in info.types if not _is_object(each) and not isinstance(each, mi.NoneType)]
        options = schema["anyOf"]
        for option, each in zip(options, others, strict=False):
            self.amend(option, each)
        rest = options[len(others) :]
        if len(structs) > 1 and "anyOf" in rest[0]:
            rest = rest[0]["anyOf"]
        self._pairs(zip(rest, structs, strict=False))

    def _add_keys(self, schema: Schema, info: t.Any) -> None:
        """Add what keys have to be, as those that are no text are written as text."""
        while isinstance(info, mi.Metadata):
            info = info.type
        if "propertyNames" in schema:
            return
        keys: Schema = {}
        if isinstance(info, (mi.IntType, mi.FloatType)):
            keys = {"pattern": _WHOLE if isinstance(info, mi.IntType) else _NUMBER}
        elif isinstance(info, (mi.EnumType, mi.LiteralType)):
            keys = {"enum": [str(value) for value in _values(info)]}
        elif type(info) in _KEYS:
            keys = dict(_KEYS[type(info)])
            amend = _TEXTS.get(type(info))
            if amend is not None:
                amend(keys, info, True)
        if keys:
            schema["propertyNames"] = keys


def _is_object(info: t.Any) -> bool:
    while isinstance(info, mi.Metadata):
        info = info.type
    return isinstance(info, mi.StructType) and not info.array_like


def _values(info: t.Any) -> list[t.Any]:
    if isinstance(info, mi.EnumType):
        return [member.value for member in info.cls]
    return list(info.values)


# texts of a form


def _datetime(schema: Schema, info: t.Any, is_sent: bool) -> None:
    _moment(schema, info.tz, "date-time", f"^{_DATE}T{_TIME}$")


def _time(schema: Schema, info: t.Any, is_sent: bool) -> None:
    _moment(schema, info.tz, "time", f"^{_TIME}$")


def _moment(schema: Schema, tz: bool | None, form: str, local: str) -> None:
    """Say whether a moment has an offset, as RFC 3339 wants it; the other form is of OpenAPI's registry."""
    if "format" in schema and schema["format"] != "partial-time":
        return
    schema.pop("format", None)
    without = {"format": f"{form}-local", "pattern": local}
    if tz is False:
        schema.update(without)
    elif tz is None:
        schema["anyOf"] = [{"format": form}, without]


def _duration(schema: Schema, info: t.Any, is_sent: bool) -> None:
    schema.setdefault("pattern", _DURATION)


def _decimal(schema: Schema, info: t.Any, is_sent: bool) -> None:
    if not is_sent and schema.get("type") == "string":
        text = {"type": schema.pop("type"), "format": schema.pop("format", "decimal"), "pattern": _DECIMAL}
        schema["anyOf"] = [text, {"type": "number"}]


def _bytes(schema: Schema, info: t.Any, is_sent: bool) -> None:
    """Say what base64 is, and how long: three bytes take four characters, and the rest as many."""
    schema.pop("minLength", None)
    schema.pop("maxLength", None)
    least, most = info.min_length or 0, info.max_length
    ways = []
    for count, rest in enumerate(("", f"{_B64}{{2}}==", f"{_B64}{{3}}=")):
        low = max(0, -(-(least - count) // 3))
        high = None if most is None else (most - count) // 3
        if high is None or high >= low:
            ways.append(f"({_B64}{{4}}){{{low},{'' if high is None else high}}}{rest}")
    schema.setdefault("pattern", f"^({'|'.join(ways)})$")


_Amend: t.TypeAlias = "t.Callable[[Schema, t.Any, bool], None]"
_TEXTS: dict[type[t.Any], _Amend] = {
    mi.DateTimeType: _datetime,
    mi.TimeType: _time,
    mi.TimeDeltaType: _duration,
    mi.DecimalType: _decimal,
    mi.BytesType: _bytes,
    mi.ByteArrayType: _bytes,
    mi.MemoryViewType: _bytes,
}
_KEYS: dict[type[t.Any], Schema] = {
    mi.DateType: {"format": "date"},
    mi.DateTimeType: {},
    mi.TimeType: {},
    mi.TimeDeltaType: {"format": "duration"},
    mi.UUIDType: {"format": "uuid"},
    mi.DecimalType: {"pattern": _DECIMAL},
    mi.BytesType: {},
}
