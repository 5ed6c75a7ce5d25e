"""Reads MessagePack as strictly as JSON.

What JSON does not have is refused: infinity, keys that are no text, extensions. Binary data and timestamps
are taken where the type wants them.
"""

from __future__ import annotations

import contextlib
import datetime
import enum
import itertools
import math
import re
import typing as t
import uuid

import msgspec

from erlen import request

from ..errors import MOST_FAULTS, Fault, MalformedBody
from ..media_types import MSGPACK, MSGPACK_NAMES
from ..second_look import escaped
from ..shapes import NONE, Mapping, Record, Scalar, Shape, shape_of, walk, without_extras
from .bodies import BodyDecoder, body_reader
from .texts import Faults, Reader, Values

if t.TYPE_CHECKING:
    from ..parameters import Parameter

# The bytes of NaN and infinity, as 32 and 64 bits. Text may have them, too: then a closer look finds nothing.
_MAYBE_NO_NUMBER = re.compile(rb"\xca[\x7f\xff][\x80-\xff]|\xcb[\x7f\xff][\xf0-\xff]")


class Unfit(Exception):
    """Values that JSON does not have, each with its JSON pointer and what is wrong with it."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        self.found = found


class MsgpackDecoder:
    """Decodes MessagePack as one type.

    In one step, where the type leaves nothing open. Else, as for what is refused then, values are looked at
    first: an array as a key, or NaN, would come to views that have never seen one.
    """

    def __init__(self, parameter: Parameter) -> None:
        self._beside = BodyDecoder(parameter)
        parts = list(walk(shape_of(parameter.annotation)))
        self._has_models = any(isinstance(part, Record) and part.kind == "pydantic" for part in parts)
        self._has_other_keys = any(isinstance(part, Mapping) and not _is_closed(part) for part in parts)
        self._decode: t.Callable[[bytes], t.Any] | None = None
        if all(map(_is_closed, parts)):
            self._decode = msgspec.msgpack.Decoder(parameter.annotation).decode

    def decode(self, data: bytes, faults: Faults) -> t.Any:
        """Return the value; note faults. Raises `MalformedBody` for what is no MessagePack."""
        try:
            if self._has_models:
                # As from JSON, so that they are as strict, or as lax.
                return self._beside.decode(msgspec.json.encode(self._untyped(data)), faults)
            if self._decode is not None and not _MAYBE_NO_NUMBER.search(data):
                with contextlib.suppress(msgspec.ValidationError):
                    return self._decode(data)
            return self._beside.look_again(lambda: self._untyped(data), faults)
        except Unfit as unfit:
            faults += [Fault("body", pointer, detail) for pointer, detail in unfit.found]
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, MalformedBody):
            raise MalformedBody("The body is not MessagePack.") from None

    def _untyped(self, data: bytes) -> t.Any:
        """Return lists, dicts and scalars; raise `Unfit` for what JSON does not have."""
        try:
            raw = msgspec.msgpack.decode(data)
        except msgspec.ValidationError:  # a timestamp that is none
            raise MalformedBody from None
        found = list(itertools.islice(self._unfit(raw, ""), MOST_FAULTS))
        if found:
            raise Unfit(found)
        return raw

    def _unfit(self, value: t.Any, pointer: str) -> t.Iterator[tuple[str, str]]:
        """Yield the pointer and the fault of each value that JSON does not have."""
        kind = type(value)
        if kind is dict:
            for key, item in value.items():
                place = f"{pointer}/{escaped(str(key))}"
                if type(key) is str:
                    yield from self._unfit(item, place)
                elif self._has_other_keys and type(key) in _KEYS:
                    yield from self._unfit(key, place)
                    yield from self._unfit(item, place)
                else:
                    yield pointer, "Expected `str` as the key of each field"
        elif kind is list:
            for index, item in enumerate(value):
                yield from self._unfit(item, f"{pointer}/{index}")
        elif kind is float:
            if not math.isfinite(value):
                yield pointer, "Expected a finite number"
        elif kind is bytes:
            if self._has_models:
                yield pointer, "Expected `str`, got `bytes`"
        elif kind is msgspec.msgpack.Ext:
            yield pointer, "This extension type is not known"


# Those of a dict with other keys than text, as in `dict[int, str]`.
_KEYS = frozenset((int, float, bytes, datetime.datetime))

# Without Decimal: the text "NaN" is one.
_CLOSED = (str, bytes, int, float, bool, NONE, uuid.UUID)
_CLOSED_KINDS = (enum.Enum, datetime.date, datetime.time, datetime.timedelta)


def _is_closed(shape: Shape) -> bool:
    """Tell whether no value of a type can be what JSON has not, but for NaN; its parts aside."""
    if isinstance(shape, Mapping):
        return without_extras(shape.key.annotation)[0] is str
    if not isinstance(shape, Scalar):
        return not isinstance(shape, Record) or shape.kind != "pydantic"
    inner, _ = without_extras(shape.annotation)
    if t.get_origin(inner) is t.Literal:
        return True
    return isinstance(inner, type) and (inner in _CLOSED or issubclass(inner, _CLOSED_KINDS))


def reader_of_either(parameters: list[Parameter]) -> Reader:
    """Return the reader of the body: of JSON, and where the Api says so, of MessagePack, too."""
    (parameter,) = parameters
    read_json = body_reader(parameters)
    if MSGPACK not in parameter.media_types:
        return read_json
    name, decoder = parameter.name, MsgpackDecoder(parameter)

    def read(values: Values, faults: Faults) -> None:
        if name in values or request.mimetype not in MSGPACK_NAMES:
            read_json(values, faults)
            return
        data = request.get_data()
        if not data and not parameter.is_required:
            values[name] = parameter.make_default()
        else:
            values[name] = decoder.decode(data, faults)

    return read
