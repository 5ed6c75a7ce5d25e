"""Records whose fields are parameters of one part of the request."""

from __future__ import annotations

import typing as t
from copy import deepcopy
from functools import partial

import msgspec

from ..errors import Fault
from ..parameters import Parameter, is_list
from ..second_look import Look, split, unescaped
from ..shapes import Record, shape_of
from ..sources import field_name
from .misread import misread_test, read_right

# By name in the request, and whether several values are wanted: the text, the list of texts, or None.
Get: t.TypeAlias = "t.Callable[[str, bool], t.Any]"


def is_spread(parameter: Parameter) -> bool:
    """Tell whether a parameter is a record, and its fields are what the request has."""
    return isinstance(shape_of(parameter.annotation), Record)


class Spread:
    """A parameter that is a record, made of the texts of its fields."""

    def __init__(self, where: str, parameter: Parameter) -> None:
        record = shape_of(parameter.annotation)
        assert isinstance(record, Record)
        self.parameter = parameter
        self._where = where
        self._record = record
        # Key, name in the request, whether it takes several, and the test of texts that are not to be read.
        self._fields = [
            (
                field.key,
                field_name(where, field.key),
                is_list(field.annotation),
                misread_test(field.annotation),
            )
            for field in record.fields
        ]
        self._convert, self._look = _ways(record)

    def add(self, get: Get, values: dict[str, t.Any], faults: list[Fault]) -> None:
        """Add the record, or note what is wrong."""
        raw: dict[str, t.Any] = {}
        for key, name, several, is_misread in self._fields:
            given = get(name, several)
            if given is not None:
                raw[key] = given if is_misread is None else read_right(given, is_misread)
        if not raw and not self.parameter.is_required:
            values[self.parameter.name] = self.parameter.make_default()
            return
        try:
            values[self.parameter.name] = self._convert(raw)
        except ValueError as error:  # msgspec's and pydantic's are of this kind
            names = {key: name for key, name, _, _ in self._fields}
            for key, detail in self._look(raw, error):
                faults.append(Fault(self._where, names.get(key, self.parameter.key), detail))


Convert: t.TypeAlias = "t.Callable[[dict[str, t.Any]], t.Any]"
LookAgain: t.TypeAlias = "t.Callable[[dict[str, t.Any], ValueError], t.Iterable[tuple[str, str]]]"


def _ways(record: Record) -> tuple[Convert, LookAgain]:
    """Return what makes a record of texts, and what names the faults, by key."""
    if record.kind == "pydantic":
        return _by_pydantic(record)
    if not record.is_array:
        return lambda raw: msgspec.convert(raw, record.annotation, strict=False), _faults_by(record)
    named = _with_names(record)

    def convert(raw: dict[str, t.Any]) -> t.Any:
        return record.cls(**_attributes(msgspec.convert(raw, named, strict=False)))

    return convert, _faults_by(shape_of(named))


def _with_names(record: Record) -> t.Any:
    """Return a class with the fields of a record that is an array in JSON: as texts they have their names."""
    fields: list[t.Any] = []
    for each in record.fields:
        options: dict[str, t.Any] = (
            {} if each.required else {"default_factory": partial(deepcopy, each.default)}
        )
        fields.append((each.name, each.annotation, msgspec.field(name=each.key, **options)))
    return msgspec.defstruct(record.cls.__name__, fields, kw_only=True)


def _attributes(value: t.Any) -> dict[str, t.Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def _faults_by(shape: t.Any) -> LookAgain:
    def name(raw: dict[str, t.Any], error: ValueError) -> t.Iterator[tuple[str, str]]:
        look = Look("", strict=False)
        look.at(raw, shape)
        for fault in look.faults:
            yield unescaped(fault.at[1:].partition("/")[0]), fault.detail
        if not look.faults:
            yield "", split(str(error))[0]

    return name


def _by_pydantic(record: Record) -> tuple[Convert, LookAgain]:
    from pydantic import TypeAdapter

    def name(raw: dict[str, t.Any], error: t.Any) -> t.Iterator[tuple[str, str]]:
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            yield str(each["loc"][0]) if each["loc"] else "", each["msg"]

    return TypeAdapter(record.annotation).validate_python, name
