"""JSON Schema of types, and the components that have names.

A record has the name of its class. What is sent has all its fields, those with defaults too; what is received
may leave these out. Where the two differ, the schema of what is received is named ``…Input``: so a name stays
when another use of the class comes.
"""

from __future__ import annotations

import typing as t

import msgspec

from ..errors import SetupError
from ..shapes import Choice, Listing, Mapping, Record, Shape, is_for_pydantic, shape_of, without_extras

Schema: t.TypeAlias = "dict[str, t.Any]"

_REF = "#/components/schemas/"


class Schemas:
    """The named schemas of one document."""

    def __init__(self, reserved: t.Iterable[str] = ()) -> None:
        """Make an empty set; *reserved* names are for :meth:`add`, and for no class."""
        self.components: dict[str, Schema] = {}
        # The class of each name, so that two classes of one name are told apart.
        self._owners: dict[str, t.Any] = dict.fromkeys(reserved)

    def received(self, annotation: t.Any) -> Schema:
        """Return the schema of what a request sends as a type."""
        return self._schema(annotation, is_sent=False)

    def sent(self, annotation: t.Any) -> Schema:
        """Return the schema of what an answer has as a type."""
        return self._schema(annotation, is_sent=True)

    def add(self, name: str, schema: Schema) -> Schema:
        """Add a schema by its name; return a reference to it."""
        self.components.setdefault(name, schema)
        return {"$ref": _REF + name}

    def sorted(self) -> dict[str, Schema]:
        """Return the components by name."""
        return dict(sorted(self.components.items()))

    def _schema(self, annotation: t.Any, *, is_sent: bool) -> Schema:
        shape = shape_of(annotation)
        records = {record.cls.__name__: record for record in records_in(shape)}
        _, extras = without_extras(annotation)
        if any(record.kind == "pydantic" for record in records.values()) or any(map(is_for_pydantic, extras)):
            schema, components = _by_pydantic(annotation, is_sent)
        else:
            try:
                (schema,), components = msgspec.json.schema_components(
                    [annotation], ref_template=_REF + "{name}"
                )
            except TypeError as error:
                raise SetupError(f"{annotation!r} has no schema: {error}") from None
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
        wanted = f"{short}Input" if not is_sent and _has_defaults(record, set()) else short
        owner = self._owners.setdefault(wanted, record.cls)
        if owner is record.cls:
            return wanted
        longer = f"{record.cls.__module__.rpartition('.')[2]}_{wanted}"
        self._owners.setdefault(longer, record.cls)
        return longer


def records_in(shape: Shape, seen: set[int] | None = None) -> t.Iterator[Record]:
    """Yield each record in a shape, once."""
    seen = set() if seen is None else seen
    if isinstance(shape, Record):
        if id(shape) in seen:
            return
        seen.add(id(shape))
        yield shape
        for part in shape.shapes.values():
            yield from records_in(part, seen)
    elif isinstance(shape, Listing):
        yield from records_in(shape.item, seen)
    elif isinstance(shape, Mapping):
        yield from records_in(shape.value, seen)
    elif isinstance(shape, Choice):
        for option in shape.options:
            yield from records_in(option, seen)


def _has_defaults(record: Record, seen: set[int]) -> bool:
    """Tell whether a record, or one in it, is received with fewer fields than it is sent with."""
    return any(
        each.kind != "typeddict" and any(not field.required for field in each.fields)
        for each in records_in(record, seen)
    )


def _with_all_required(component: Schema, record: Record) -> Schema:
    config = getattr(record.cls, "__struct_config__", None)
    if record.kind == "typeddict" or (config is not None and config.omit_defaults):
        return component
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
