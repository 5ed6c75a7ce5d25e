"""Parameters whose values are texts, converted in one step: what query, headers, cookies and forms share."""

from __future__ import annotations

import typing as t

import msgspec

from ..errors import Fault
from ..parameters import Parameter, is_list
from ..second_look import split
from .misread import misread_test, read_right
from .spread import Get, Spread, is_spread

Values: t.TypeAlias = "dict[str, t.Any]"
Faults: t.TypeAlias = "list[Fault]"
Reader: t.TypeAlias = "t.Callable[[Values, Faults], None]"

REQUIRED = "This parameter is required"


class Texts:
    """The parameters of one part whose values are texts, converted in one step."""

    def __init__(self, where: str, parameters: list[Parameter]) -> None:
        self.where = where
        self.parameters = [parameter for parameter in parameters if not is_spread(parameter)]
        # By name in the request: the name of the parameter, and whether it takes several values.
        self.wanted = {
            parameter.key: (parameter.name, is_list(parameter.annotation)) for parameter in self.parameters
        }
        self.model = _model(self.parameters) if self.parameters else None
        self.names = tuple(parameter.name for parameter in self.parameters)
        self.is_optional = all(not parameter.is_required for parameter in self.parameters)
        self.spread = [Spread(where, parameter) for parameter in parameters if is_spread(parameter)]
        self.misread = [
            (each.name, test)
            for each in self.parameters
            if (test := misread_test(each.annotation)) is not None
        ]

    def add(self, raw: dict[str, t.Any], values: Values, faults: Faults) -> None:
        """Convert the texts that were found, by name of the parameter; add the values."""
        for name, is_misread in self.misread:
            if name in raw:
                raw[name] = read_right(raw[name], is_misread)
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

    def add_spread(self, get: Get, values: Values, faults: Faults) -> None:
        """Add the records whose fields are parameters of this part."""
        for spread in self.spread:
            if spread.parameter.name not in values:
                spread.add(get, values, faults)


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
