"""JSON Schema of types, and the components that have names.

A record has the name of its class. What is sent has all its fields, those with defaults too; what is received
may leave these out. Where the two differ, the schema of what is received is named ``…Input``: so a name stays
when another use of the class comes.
"""

from __future__ import annotations

import typing as t
from decimal import Decimal

import msgspec

from ..errors import SetupError
from ..shapes import (
    Field,
    Listing,
    Record,
    Scalar,
    Shape,
    is_for_pydantic,
    is_set,
    shape_of,
    walk,
    without_extras,
)
from .exactness import Exact

Schema: t.TypeAlias = "dict[str, t.Any]"

_REF = "#/components/schemas/"


class Schemas:
    """The named schemas of one document."""

    def __init__(self, reserved: t.Iterable[str] = ()) -> None:
        """Make an empty set; *reserved* names are for :meth:`add`, and for no class."""
        self.components: dict[str, Schema] = {}
        # The class of each name, so that two classes of one name are told apart.
        self._owners: dict[str, t.Any] = dict.fromkeys(reserved)
        self._known: dict[tuple[t.Any, bool], Schema] = {}

    def received(self, annotation: t.Any) -> Schema:
        """Return the schema of what a request sends as a type."""
        return self._known_schema(annotation, is_sent=False)

    def sent(self, annotation: t.Any) -> Schema:
        """Return the schema of what an answer has as a type."""
        return self._known_schema(annotation, is_sent=True)

    def received_field(self, record: Record, field: Field) -> Schema:
        """Return the schema of a field that a request sends by itself."""
        if record.kind != "pydantic":
            return self.received(field.annotation)
        # The limits of pydantic's fields are not in their annotations.
        _, components = _by_pydantic(record.annotation, False)
        model = components.pop(record.cls.__name__)
        names = {name: self._name(name, None, False) for name in components}
        self.components |= {names[name]: _tidy(schema, names) for name, schema in components.items()}
        tidied: Schema = _tidy(model["properties"][field.key], names)
        return tidied

    def add(self, name: str, schema: Schema) -> Schema:
        """Add a schema by its name; return a reference to it."""
        self.components.setdefault(name, schema)
        return {"$ref": _REF + name}

    def sorted(self) -> dict[str, Schema]:
        """Return the components by name."""
        return dict(sorted(self.components.items()))

    def _known_schema(self, annotation: t.Any, *, is_sent: bool) -> Schema:
        # PERF: of 300 operations most have types in common: 20 ms instead of 100 (CPython 3.11).
        key = annotation, is_sent
        try:
            known = self._known.get(key)
        except TypeError:  # an annotation that cannot be hashed
            return self._schema(annotation, is_sent=is_sent)
        if known is None:
            known = self._known[key] = self._schema(annotation, is_sent=is_sent)
        return dict(known)

    def _schema(self, annotation: t.Any, *, is_sent: bool) -> Schema:
        shape = shape_of(annotation)
        _, extras = without_extras(annotation)
        has_models = any(record.kind == "pydantic" for record in records_in(shape))
        if has_models or any(map(is_for_pydantic, extras)):
            schema, components = _by_pydantic(annotation, is_sent)
            records = {record.cls.__name__: record for record in records_in(shape)}
        else:
            schema, components, records = _by_msgspec(annotation, is_sent)
        names = {name: self._name(name, records.get(name), is_sent) for name in components}
        for name, component in components.items():
            record = records.get(name)
            if is_sent and record is not None:
                component = _with_all_required(component, record)
            self.components[names[name]] = _tidy(component, names)
        tidied: Schema = _tidy(schema, names)
        return tidied

    def _name(self, name: str, record: Record | None, is_sent: bool) -> str:
        short = name.rpartition(".")[2]
        if record is None:
            return short
        wanted = f"{short}Input" if not is_sent and _is_received_otherwise(record) else short
        owner = self._owners.setdefault(wanted, record.cls)
        if owner is record.cls:
            return wanted
        longer = f"{record.cls.__module__.rpartition('.')[2]}_{wanted}"
        self._owners.setdefault(longer, record.cls)
        return longer


def records_in(shape: Shape) -> t.Iterator[Record]:
    """Yield each record in a shape, once."""
    return (each for each in walk(shape) if isinstance(each, Record))


def _is_received_otherwise(record: Record) -> bool:
    """Tell whether a record, or what is in it, is received otherwise than it is sent.

    Fields with defaults may be missing, numbers may come for decimals, and items of a set twice.
    """
    return any(
        (isinstance(each, Scalar) and each.inner is Decimal)
        or (isinstance(each, Listing) and is_set(each))
        or (isinstance(each, Record) and each.kind != "typeddict" and each.has_defaults)
        for each in walk(record)
    )


def _with_all_required(component: Schema, record: Record) -> Schema:
    config = getattr(record.cls, "__struct_config__", None)
    if record.kind == "typeddict" or (config is not None and config.omit_defaults):
        return component
    if "prefixItems" in component:
        return {**component, "minItems": len(component["prefixItems"])}
    properties = component.get("properties")
    if not properties:
        return component
    # Those that are not set are left out.
    may_lack = {field.key for field in record.fields if msgspec.UnsetType in t.get_args(field.annotation)}
    return {**component, "required": [key for key in properties if key not in may_lack]}


def _tidy(value: t.Any, names: dict[str, str]) -> t.Any:
    """Return a schema with the names of this document.

    Fields that may be left out have no `default`: generators of clients take that for a promise to send them.
    An object of any properties says so: they take it for one without any otherwise.
    """
    if isinstance(value, list):
        return [_tidy(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    tidied: dict[str, t.Any] = {}
    for key, item in value.items():
        if key == "$ref":
            tidied[key] = _renamed(item, names)
        elif key in ("examples", "const", "enum"):
            tidied[key] = item
        elif key == "mapping":
            tidied[key] = {tag: _renamed(reference, names) for tag, reference in item.items()}
        elif key == "properties":
            tidied[key] = {name: _tidy(schema, names) for name, schema in item.items()}
        elif key != "default":
            tidied[key] = _tidy(item, names)
    if tidied.get("type") == "object" and "properties" not in tidied:
        tidied.setdefault("additionalProperties", True)
    return tidied


def _renamed(reference: str, names: dict[str, str]) -> str:
    name = reference.removeprefix(_REF)
    return _REF + names.get(name, name)


def _by_msgspec(annotation: t.Any, is_sent: bool) -> tuple[Schema, dict[str, Schema], dict[str, Record]]:
    """Return the schema of a type, the components, and the record of each of these that has one."""
    try:
        (schema,), components = msgspec.json.schema_components([annotation], ref_template=_REF + "{name}")
        info = msgspec.inspect.type_info(annotation)
    except TypeError as error:
        raise SetupError(f"{annotation!r} has no schema: {error}") from None
    exact = Exact(components, _REF, is_sent=is_sent)
    exact.amend(schema, info)
    shapes = {name: shape_of(each.cls) for name, each in exact.types.items()}
    return schema, components, {name: each for name, each in shapes.items() if isinstance(each, Record)}


def _by_pydantic(annotation: t.Any, is_sent: bool) -> tuple[Schema, dict[str, Schema]]:
    from pydantic import TypeAdapter

    mode: t.Any = "serialization" if is_sent else "validation"
    schema = TypeAdapter(annotation).json_schema(ref_template=_REF + "{model}", mode=mode)
    components = schema.pop("$defs", {})
    record = shape_of(annotation)
    if isinstance(record, Record) and "$ref" not in schema:
        components[record.cls.__name__] = schema
        schema = {"$ref": _REF + record.cls.__name__}
    return schema, components
