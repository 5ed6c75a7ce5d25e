"""Reads forms: fields, files, and parts of JSON beside files."""

from __future__ import annotations

import typing as t

from erlen import request

from ..errors import Fault
from ..shapes import without_extras
from .bodies import BodyDecoder
from .texts import REQUIRED, Faults, Get, Reader, Texts, Values, texts_reader

if t.TYPE_CHECKING:
    from ..parameters import Parameter


def form_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of fields of a form."""
    return texts_reader(Texts("form", parameters), lambda: _form_getter(request.form))


def _form_getter(form: t.Any) -> Get:
    """Read fields: an empty one is absent, and a ticked box is true."""

    def get(key: str, several: bool) -> t.Any:
        if several:
            return [text for text in form.getlist(key) if text != ""] or None
        text = form.get(key)
        if text == "on":
            return _Ticked("true")
        return None if text == "" else text

    return get


class _Ticked(str):
    """The text that a ticked box sends, which msgspec reads as true."""


def file_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of uploaded files."""
    wanted = [(p, is_file_list(p)) for p in parameters]

    def read(values: Values, faults: Faults) -> None:
        files = request.files
        for parameter, several in wanted:
            name = parameter.name
            if name in values:
                continue
            found: t.Any = [each for each in files.getlist(parameter.key) if each.filename]
            if several and (found or parameter.is_required):
                values[name] = found
            elif not several and found:
                values[name] = found[0]
            elif parameter.is_required:
                faults.append(Fault("form", parameter.key, REQUIRED))
            else:
                values[name] = parameter.make_default()

    return read


def is_file_list(parameter: Parameter) -> bool:
    """Tell whether a parameter takes several files."""
    inner, _ = without_extras(parameter.annotation)
    return t.get_origin(inner) is list


def part_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of parts of JSON in a form with files."""
    decoders = [(parameter, BodyDecoder(parameter, "form")) for parameter in parameters]

    def read(values: Values, faults: Faults) -> None:
        for parameter, decoder in decoders:
            if parameter.name in values:
                continue
            text = request.form.get(parameter.key)
            if text is None and parameter.key in request.files:
                text = request.files[parameter.key].read()
            if text is None:
                if parameter.is_required:
                    faults.append(Fault("form", parameter.key, REQUIRED))
                else:
                    values[parameter.name] = parameter.make_default()
                continue
            data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
            values[parameter.name] = decoder.decode(data, faults, parameter.key)

    return read
