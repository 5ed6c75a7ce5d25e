"""Reads forms: fields, files, and parts of JSON beside files."""

from __future__ import annotations

import typing as t

from erlen import request

from ..errors import Fault
from ..shapes import Choice, Record, shape_of, without_extras
from .bodies import BodyDecoder
from .spread import Get
from .texts import REQUIRED, Faults, Reader, Texts, Values, texts_reader

if t.TYPE_CHECKING:
    from ..parameters import Parameter


def form_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of fields of a form."""
    boxes = {key for parameter in parameters for key in _boxes(parameter)}
    return texts_reader(Texts("form", parameters), lambda: _form_getter(request.form, boxes))


def _boxes(parameter: Parameter) -> t.Iterator[str]:
    """Yield the names of the fields of a parameter that are true or false."""
    record = shape_of(parameter.annotation)
    if isinstance(record, Record):
        yield from (field.key for field in record.fields if _is_bool(field.annotation))
    elif _is_bool(parameter.annotation):
        yield parameter.key


def _is_bool(annotation: t.Any) -> bool:
    inner, _ = without_extras(annotation)
    shape = shape_of(inner)
    if isinstance(shape, Choice):
        return any(_is_bool(option.annotation) for option in shape.options)
    return inner is bool


def _form_getter(form: t.Any, boxes: t.AbstractSet[str]) -> Get:
    """Read fields: an empty one is absent, and a ticked box is true."""

    def get(key: str, several: bool) -> t.Any:
        if several:
            return [text for text in form.getlist(key) if text != ""] or None
        text = form.get(key)
        if text == "on" and key in boxes:
            return "true"
        return None if text == "" else text

    return get


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
            elif request.form.get(parameter.key):
                faults.append(Fault("form", parameter.key, "Expected a file, got a text"))
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
