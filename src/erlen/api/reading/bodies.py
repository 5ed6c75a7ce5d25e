"""Reads JSON: msgspec decodes it, and a second look names the faults."""

from __future__ import annotations

import re
import typing as t
from decimal import Decimal

import msgspec

from erlen import request as current_request
from erlen.active import get_state

from ..errors import Fault, MalformedBody, WrongType
from ..second_look import Look, escaped, split
from ..shapes import Mapping, Scalar, Shape, has_pydantic, is_endless, shape_of, walk
from .texts import Faults, Reader, Values

if t.TYPE_CHECKING:
    from ..parameters import Parameter


# Texts that msgspec reads as a Decimal, or as a key that is a float; an escape may hide one.
_NO_NUMBER = re.compile(rb'"\s*[+-]?s?(?:nan|inf)|\\u', re.IGNORECASE)


MOST_NESTED = 200
"""How deep a body may be nested where its type sets no end: what can be read can then be sent again."""

# SECURITY: a text without an end is matched, too, so that each byte is looked at once. A pattern that fails
# there would be tried again from each quote, in time that grows with the square of the length.
_ALL_BUT_BRACKETS = re.compile(rb'"(?:[^"\\]+|\\(?:.|\Z))*(?:"|\Z)|[^\[\]{}"]+', re.DOTALL)


def nesting(data: bytes) -> int:
    """Return how deep JSON is nested, up to one more than is taken."""
    if data.count(b"[") + data.count(b"{") <= MOST_NESTED:
        return 0
    deepest = depth = 0
    for bracket in _ALL_BUT_BRACKETS.sub(b"", data):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
        if deepest > MOST_NESTED:
            break
    return deepest


_check_json = msgspec.json.Decoder(msgspec.Raw).decode


class BodyDecoder:
    """Decodes JSON as one type."""

    def __init__(self, parameter: Parameter, where: str = "body") -> None:
        self.annotation = parameter.annotation
        self._where = where
        self._shape = shape_of(self.annotation)
        self._is_endless = is_endless(self._shape)
        self._may_misread = has_numbers_in_texts(self._shape)
        self._pydantic = _pydantic_adapter(self._shape)
        # What reads JSON of this type, and refuses all other by raising; None where there is more to look at.
        self.decode_plainly: t.Callable[[bytes], t.Any] | None = None
        if self._pydantic is None:
            self._decode = msgspec.json.Decoder(self.annotation).decode
            if not (self._is_endless or self._may_misread):
                self.decode_plainly = self._decode

    def decode(self, data: bytes, faults: Faults, name: str = "") -> t.Any:
        """Return the value; note faults. Raises `MalformedBody` for what is no JSON."""
        if self._is_endless and nesting(data) > MOST_NESTED:
            raise MalformedBody(f"The body is nested more than {MOST_NESTED} deep.")
        if self._pydantic is not None:
            return self._by_pydantic(data, faults, name)
        try:
            value = self._decode(data)
        except (ValueError, RecursionError) as error:
            return self.after_refusal(error, data, faults, name)
        if self._may_misread and _NO_NUMBER.search(data) is not None:
            return self._look_again(data, faults, name)
        return value

    def after_refusal(self, error: Exception, data: bytes, faults: Faults, name: str = "") -> t.Any:
        """Return what msgspec refused with *error*, where nothing is wrong after all; note faults.

        Raises `MalformedBody` for what is no JSON.
        """
        if isinstance(error, msgspec.ValidationError):
            return self._look_again(data, faults, name)
        raise _malformed() from None

    def _look_again(self, data: bytes, faults: Faults, name: str) -> t.Any:
        return self.look_again(lambda: msgspec.json.decode(data), faults, name)

    def look_again(self, decode: t.Callable[[], t.Any], faults: Faults, name: str = "") -> t.Any:
        """Return what is decoded without the type as the type, where nothing is wrong after all; note faults.

        Raises `MalformedBody` where *decode* raises what decoders raise.
        """
        try:
            raw = decode()
            look = Look(self._where, strict=True)
            corrected = look.at(raw, self._shape)
            if not look.faults:
                return msgspec.convert(corrected, self.annotation, str_keys=True)
        except msgspec.ValidationError as error:
            detail, pointer = split(str(error))
            faults.append(Fault(self._where, name or pointer, detail))
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            raise _malformed() from None
        faults += [Fault(self._where, name, fault.detail) for fault in look.faults] if name else look.faults
        return None

    def _by_pydantic(self, data: bytes, faults: Faults, name: str) -> t.Any:
        assert self._pydantic is not None
        try:
            # PERF: only where there may be a NaN or an Infinity, which pydantic takes: 0.6 us (CPython 3.11).
            if b"N" in data or b"I" in data:
                _check_json(data)
            return self._pydantic.validate_json(data)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise _malformed() from None
        except ValueError as error:
            # PERF: imported where something is wrong: 2,000 instructions less (CPython 3.11).
            from pydantic import ValidationError

            if not isinstance(error, ValidationError):
                raise
            for each in error.errors(include_url=False, include_context=False, include_input=False):
                if each["type"] in ("json_invalid", "recursion_loop"):
                    raise _malformed() from None
                pointer = "".join(f"/{escaped(str(step))}" for step in each["loc"])
                faults.append(Fault(self._where, name or pointer, each["msg"]))
        return None


def has_numbers_in_texts(shape: Shape) -> bool:
    """Tell whether a text in JSON may be read as a number that JSON does not have."""
    keys = (each.key for each in walk(shape) if isinstance(each, Mapping))
    return any(isinstance(each, Scalar) and each.inner is Decimal for each in walk(shape)) or any(
        isinstance(key, Scalar) and key.inner is float for key in keys
    )


def _pydantic_adapter(shape: Shape) -> t.Any:
    """Return pydantic's adapter where a model of its is in a type, else None."""
    if not has_pydantic(shape):
        return None
    from pydantic import TypeAdapter

    # PERF: without the adapter's own method, which passes on nine arguments: 0.4 us (CPython 3.11).
    return TypeAdapter(shape.annotation).validator


def _malformed() -> MalformedBody:
    return MalformedBody("The body is not JSON.")


def body_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of the body."""
    (parameter,) = parameters
    name, decoder = parameter.name, BodyDecoder(parameter)
    decode_plainly = decoder.decode_plainly

    def read(values: Values, faults: Faults) -> None:
        if name in values:
            return
        context = get_state()[0]
        data = None if context is None else context.json_body()
        if data:
            # PERF: without another call where nothing is wrong: 0.2 us (CPython 3.11).
            if decode_plainly is not None:
                try:
                    values[name] = decode_plainly(data)
                except (ValueError, RecursionError) as error:
                    values[name] = decoder.after_refusal(error, data, faults)
            else:
                values[name] = decoder.decode(data, faults)
            return
        # PERF: asked twice and more, the proxy takes 1,500 instructions each time (CPython 3.11).
        request = current_request if context is None else context.request
        kind = request.mimetype
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            if not parameter.is_required and not kind and not request.get_data():
                values[name] = parameter.make_default()
                return
            # SECURITY: a form of another site can send text/plain, and no JSON without asking first (CORS).
            raise WrongType(f"This address takes {' or '.join(parameter.media_types)}.")
        data = request.get_data()
        if not data and not parameter.is_required:
            values[name] = parameter.make_default()
            return
        values[name] = decoder.decode(data, faults)

    return read
