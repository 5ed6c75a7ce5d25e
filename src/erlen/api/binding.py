"""Binds a request to the parameters of a function."""

from __future__ import annotations

import typing as t

from erlen import request

from .errors import Fault, InvalidRequest
from .parameters import NOTHING, Parameter
from .reading import reader_of
from .reading.texts import Reader

if t.TYPE_CHECKING:
    from .supplying import Supplier

Values: t.TypeAlias = "dict[str, t.Any]"

# Credentials and providers come first, so that who may not ask gets no advice on the query.
_ORDER = ("path", "query", "header", "cookie", "form", "file", "part", "body")


class Binder:
    """What reads the request for one function on one rule."""

    def __init__(self, parameters: t.Sequence[Parameter], supplier: Supplier) -> None:
        self.parameters = tuple(parameters)
        self.schemes = [parameter for parameter in parameters if parameter.where == "scheme"]
        self.provided = [parameter for parameter in parameters if parameter.where == "provider"]
        self._supplier = supplier
        readers: list[Reader] = []
        for where in _ORDER:
            those = [
                parameter
                for parameter in parameters
                if parameter.where == where and not (where == "path" and parameter.is_converted)
            ]
            if those:
                readers.append(reader_of(where, those))
        # Adds what is read from the request itself. Raises `InvalidRequest` with every fault.
        self.read = _reading(readers)
        self._reads = bool(readers)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the request is needed."""
        return not (self._reads or self.schemes or self.provided)

    @property
    def has_coroutines(self) -> bool:
        """Whether a provider has to be awaited."""
        return any(self._supplier.is_coroutine(parameter) for parameter in self.provided)

    def bind(self, values: Values) -> Values:
        """Add what the request has for the parameters that are not there yet; return *values*.

        Raises `InvalidRequest` with every fault, and what credentials and providers raise.
        """
        if self.schemes:
            self.read_schemes(values)
        for parameter in self.provided:
            if parameter.name not in values:
                values[parameter.name] = self._supplier.supply(parameter)
        return self.read(values)

    async def bind_later(self, values: Values) -> Values:
        """Do what :meth:`bind` does, on a loop."""
        if self.schemes:
            self.read_schemes(values)
        for parameter in self.provided:
            if parameter.name not in values:
                values[parameter.name] = await self._supplier.supply_later(parameter)
        return self.read(values)

    def read_schemes(self, values: Values) -> None:
        """Add the credentials; raise a 401 where they are missing and needed."""
        for parameter in self.schemes:
            if parameter.name in values:
                continue
            assert parameter.scheme is not None
            found = parameter.scheme.read(request)
            if found is None:
                if parameter.default is NOTHING:
                    raise parameter.scheme.refuse()
                found = parameter.make_default()
            values[parameter.name] = found


def _reading(readers: list[Reader]) -> t.Callable[[Values], Values]:
    """Return the function that adds what readers find, and returns the values."""
    if len(readers) == 1:
        (read_part,) = readers

        # PERF: without the loop 500 instructions less (CPython 3.11).
        def read_one(values: Values) -> Values:
            faults: list[Fault] = []
            read_part(values, faults)
            if faults:
                raise InvalidRequest(faults)
            return values

        return read_one

    def read_each(values: Values) -> Values:
        faults: list[Fault] = []
        for read in readers:
            read(values, faults)
        if faults:
            raise InvalidRequest(faults)
        return values

    return read_each
