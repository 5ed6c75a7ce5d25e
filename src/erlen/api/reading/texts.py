"""Parameters whose values are texts, converted in one step: what query, headers, cookies and forms share."""

from __future__ import annotations

import typing as t

import msgspec

from ..errors import Fault
from ..parameters import Parameter, is_list
from ..second_look import Look, split
from ..shapes import Choice, Listing, Record, shape_of, without_extras
from .models import adapter_of, add_spread_model

Values: t.TypeAlias = "dict[str, t.Any]"
Faults: t.TypeAlias = "list[Fault]"
Reader: t.TypeAlias = "t.Callable[[Values, Faults], None]"
# By name in the request, and whether several values are wanted: the text, the list of texts, or None.
Get: t.TypeAlias = "t.Callable[[str, bool], t.Any]"

REQUIRED = "This parameter is required"

_NO_NUMBERS = ("nan", "inf", "infinity")
# PERF: looked at first, 0.1 us instead of 0.3 (CPython 3.11).
_ENDS = frozenset("nNfFyY")


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
        self.spread = [Spread(where, parameter) for parameter in parameters if _is_spread(parameter)]
        self.floats = tuple(each.name for each in self.parameters if _is_float(each.annotation))

    def add(self, raw: dict[str, t.Any], values: Values, faults: Faults) -> None:
        """Convert the texts that were found, by name of the parameter; add the values."""
        for name in self.floats:
            text = raw.get(name)
            if text is not None and (type(text) is list or text[-1:] in _ENDS):
                _spoil_no_numbers(raw, name)
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
        for spread in self.spread:
            parameter = spread.parameter
            if parameter.name in values:
                continue
            raw = {
                field: got
                for field, (name, several) in spread.wanted.items()
                if (got := get(name, several)) is not None
            }
            if not raw and not parameter.is_required:
                values[parameter.name] = parameter.make_default()
                continue
            for field in spread.floats:
                if field in raw:
                    _spoil_no_numbers(raw, field)
            values[parameter.name] = spread.convert(raw, faults)


class Spread:
    """A record whose fields are parameters of one part of the request."""

    def __init__(self, where: str, parameter: Parameter) -> None:
        record = shape_of(parameter.annotation)
        assert isinstance(record, Record)
        self.parameter = parameter
        self._where = where
        self._record = record
        self._names = dict(spread_names(where, record))
        # By the key of a field: the name in the request, and whether it takes several values.
        self.wanted = {
            field.key: (self._names[field.key], is_list(field.annotation)) for field in record.fields
        }
        self.floats = tuple(field.key for field in record.fields if _is_float(field.annotation))
        self._adapter = adapter_of(record)

    def convert(self, raw: dict[str, t.Any], faults: Faults) -> t.Any:
        """Return the record; note faults."""
        if self._adapter is not None:
            return add_spread_model(self._adapter, raw, self.parameter, self._names, faults)
        try:
            return msgspec.convert(raw, self.parameter.annotation, strict=False)
        except (msgspec.ValidationError, ValueError) as error:
            look = Look(self._where, strict=False)
            look.at(raw, self._record)
            if not look.faults:  # the record as a whole does not fit: its __post_init__ says so
                look.add("", split(str(error))[0])
        for fault in look.faults:
            field = fault.at.lstrip("/").partition("/")[0]
            faults.append(Fault(self._where, self._names.get(field, self.parameter.key), fault.detail))
        return None


def spread_names(where: str, record: Record) -> t.Iterator[tuple[str, str]]:
    """Yield the key of each field of a record, and its name in the request: headers have hyphens."""
    for field in record.fields:
        has_own = field.key != field.name
        yield field.key, field.key.replace("_", "-") if where == "header" and not has_own else field.key


def _is_spread(parameter: Parameter) -> bool:
    return isinstance(shape_of(parameter.annotation), Record)


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


def _is_float(annotation: t.Any) -> bool:
    """Tell whether numbers of a type may have a fraction, and no text is of this type."""
    inner, _ = without_extras(annotation)
    shape = shape_of(inner)
    if isinstance(shape, Listing):
        return _is_float(shape.item.annotation)
    if isinstance(shape, Choice):
        return any(_is_float(option.annotation) for option in shape.options)
    return inner is float


def _spoil_no_numbers(raw: dict[str, t.Any], name: str) -> None:
    """Make sure that `nan` and `inf`, which JSON does not have, are read as no numbers either."""
    given = raw[name]
    texts = given if type(given) is list else [given]
    if any(text.lower().lstrip("+-") in _NO_NUMBERS for text in texts):
        raw[name] = ["no number"] if given is texts else "no number"


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
