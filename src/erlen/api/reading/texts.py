"""Parameters whose values are texts, converted in one step: what query, headers, cookies and forms share."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from ..errors import Fault
from ..parameters import Parameter, is_list
from ..second_look import Look, split
from ..shapes import Choice, Listing, Record, Scalar, Shape, shape_of

Values: t.TypeAlias = "dict[str, t.Any]"
Faults: t.TypeAlias = "list[Fault]"
Reader: t.TypeAlias = "t.Callable[[Values, Faults], None]"
# By name in the request, and whether several values are wanted: the text, the list of texts, or None.
Get: t.TypeAlias = "t.Callable[[str, bool], t.Any]"

REQUIRED = "This parameter is required"

# What stands in for a text that is not to be read.
_UNFIT = "unfit"


class Texts:
    """The parameters of one part whose values are texts, converted in one step."""

    def __init__(self, where: str, parameters: list[Parameter]) -> None:
        self.where = where
        self.parameters = [parameter for parameter in parameters if not _is_spread(parameter)]
        # By name in the request: the name of the parameter, and whether it takes several values.
        self.wanted = {
            parameter.key: (parameter.name, is_list(parameter.annotation)) for parameter in self.parameters
        }
        self.model = _model(self.parameters) if self.parameters else None
        self.names = tuple(parameter.name for parameter in self.parameters)
        self.is_optional = all(not parameter.is_required for parameter in self.parameters)
        self.spread = [(parameter, *_spread(parameter)) for parameter in parameters if _is_spread(parameter)]
        self.misread = [
            (each.name, test)
            for each in self.parameters
            if (test := misread_test(each.annotation)) is not None
        ]

    def add(self, raw: dict[str, t.Any], values: Values, faults: Faults) -> None:
        """Convert the texts that were found, by name of the parameter; add the values."""
        for name, is_misread in self.misread:
            if name in raw:
                raw[name] = _read_right(raw[name], is_misread)
        try:
            made = msgspec.convert(raw, self.model, strict=False)
        except (msgspec.ValidationError, ValueError):
            self._name_faults(raw, values, faults)
            return
        for name in self.names:
            if name not in values:
                values[name] = getattr(made, name)

    def _name_faults(self, raw: dict[str, t.Any], values: Values, faults: Faults) -> None:
        for parameter in self.parameters:
            name = parameter.name
            if name in values:
                continue
            if name not in raw:
                if parameter.is_required:
                    faults.append(Fault(self.where, parameter.key, REQUIRED))
                else:
                    values[name] = parameter.make_default()
                continue
            try:
                values[name] = _converted(raw[name], parameter.annotation)
            except msgspec.ValidationError as error:
                faults.append(Fault(self.where, parameter.key, split(str(error))[0]))
            except ValueError:
                faults.append(Fault(self.where, parameter.key, "This value cannot be read"))

    def add_spread(self, get: t.Callable[[str, bool], t.Any], values: Values, faults: Faults) -> None:
        """Add the records whose fields are parameters of this part."""
        for parameter, record, wanted in self.spread:
            if parameter.name in values:
                continue
            raw = {key: got for key, several in wanted.items() if (got := get(key, several)) is not None}
            if not raw and not parameter.is_required:
                values[parameter.name] = parameter.make_default()
                continue
            for field in record.fields:
                if field.key in raw and (test := misread_test(field.annotation)) is not None:
                    raw[field.key] = _read_right(raw[field.key], test)
            try:
                values[parameter.name] = msgspec.convert(raw, parameter.annotation, strict=False)
            except (msgspec.ValidationError, ValueError):
                look = Look(self.where, strict=False)
                look.at(raw, record)
                faults += [
                    Fault(self.where, fault.at.lstrip("/").partition("/")[0], fault.detail)
                    for fault in look.faults
                ]


def _is_spread(parameter: Parameter) -> bool:
    return isinstance(shape_of(parameter.annotation), Record)


def _spread(parameter: Parameter) -> tuple[Record, dict[str, bool]]:
    record = shape_of(parameter.annotation)
    assert isinstance(record, Record)
    return record, {field.key: is_list(field.annotation) for field in record.fields}


def _model(parameters: list[Parameter]) -> type[t.Any]:
    """Make the class that msgspec converts all texts of a part to in one step."""
    fields: list[t.Any] = []
    for parameter in parameters:
        if parameter.is_required:
            fields.append((parameter.name, parameter.annotation))
        elif isinstance(parameter.default, (list, dict, set)):
            factory = msgspec.field(default_factory=parameter.make_default)
            fields.append((parameter.name, parameter.annotation, factory))
        else:
            fields.append((parameter.name, parameter.annotation, msgspec.field(default=parameter.default)))
    return msgspec.defstruct("Parameters", fields, kw_only=True)


def _converted(given: t.Any, annotation: t.Any) -> t.Any:
    return msgspec.convert(given, annotation, strict=False)


def misread_test(annotation: t.Any) -> t.Callable[[str], bool] | None:
    """Return the test of texts that msgspec reads as a type, and the document does not.

    They are `nan` and the like, and seconds for moments and durations.
    """
    types = set(_simple_types(shape_of(annotation)))
    if str in types:
        return None
    if float in types or Decimal in types:
        return _is_no_number
    if datetime in types and int not in types:
        return _is_no_moment
    if timedelta in types and int not in types:
        return _is_no_duration
    return None


def _simple_types(shape: Shape) -> t.Iterator[t.Any]:
    if isinstance(shape, Listing):
        yield from _simple_types(shape.item)
    elif isinstance(shape, Choice):
        for option in shape.options:
            yield from _simple_types(option)
    elif isinstance(shape, Scalar):
        yield shape.inner


_DIGITS = frozenset("0123456789")


def _is_no_number(text: str) -> bool:
    # PERF: numbers begin with a digit, nearly all of them.
    return text[:1] not in _DIGITS and text.strip().lower().lstrip("+-").startswith(("nan", "inf", "snan"))


def _is_no_moment(text: str) -> bool:
    return ":" not in text and text.lower() != "null"


def _is_no_duration(text: str) -> bool:
    return "p" not in text.lower() and text.lower() != "null"


def _read_right(given: t.Any, is_misread: t.Callable[[str], bool]) -> t.Any:
    """Return a text or texts, with those that are not to be read made unfit."""
    if type(given) is list:
        return [_UNFIT if is_misread(text) else text for text in given]
    return _UNFIT if is_misread(given) else given


def texts_reader(texts: Texts, getter: t.Callable[[], Get]) -> Reader:
    """Return the reader of a part of the request, by what takes values from it."""
    wanted = texts.wanted.items()

    def read(values: Values, faults: Faults) -> None:
        get = getter()
        texts.add_spread(get, values, faults)
        if wanted:
            raw = {name: got for key, (name, many) in wanted if (got := get(key, many)) is not None}
            texts.add(raw, values, faults)

    return read
