"""Reads the parts of a request: each reader adds the values of its parameters, or notes faults.

=============  =================================================================================
`texts`        parameters whose values are texts, converted in one step
`queries`      the query, the headers and the cookies
`spread`       records whose fields are such parameters
`misread`      texts that are no values, though msgspec reads them
`forms`        fields, files, and parts of JSON beside files
`bodies`       JSON, and every fault in it
`msgpack`      MessagePack, as strictly as JSON
=============  =================================================================================
"""

from __future__ import annotations

import typing as t

import msgspec
from werkzeug.exceptions import NotFound

from .forms import file_reader, form_reader, part_reader
from .misread import misread_test
from .msgpack import reader_of_either
from .queries import cookie_reader, header_reader, query_reader
from .texts import Faults, Reader, Values

if t.TYPE_CHECKING:
    from ..parameters import Parameter


def reader_of(where: str, parameters: list[Parameter]) -> Reader:
    """Return the reader of one part of the request."""
    return _READERS[where](parameters)


def path_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of variables of the rule whose annotations want more than their converters give."""

    tests = [(parameter, misread_test(parameter.annotation)) for parameter in parameters]

    def read(values: Values, faults: Faults) -> None:
        for parameter, is_misread in tests:
            given = values.get(parameter.name)
            if is_misread is not None and type(given) is str and is_misread(given):
                raise NotFound
            try:
                # A value that is no text was made by a converter, or is a default of the rule.
                values[parameter.name] = msgspec.convert(
                    given, parameter.annotation, strict=type(given) is not str
                )
            except (msgspec.ValidationError, ValueError):
                raise NotFound from None

    return read


_READERS: dict[str, t.Callable[[list[Parameter]], Reader]] = {
    "path": path_reader,
    "query": query_reader,
    "header": header_reader,
    "cookie": cookie_reader,
    "form": form_reader,
    "file": file_reader,
    "part": part_reader,
    "body": reader_of_either,
}
