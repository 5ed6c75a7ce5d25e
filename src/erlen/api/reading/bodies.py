"""Reads JSON: msgspec decodes it, and a second look names the faults."""

from __future__ import annotations

import typing as t

import msgspec

from erlen import request as current_request
from erlen.active import get_state

from ..errors import Fault, MalformedBody, WrongType
from ..second_look import Look, split
from ..shapes import Choice, Listing, Record, shape_of
from .texts import Faults, Reader, Values

if t.TYPE_CHECKING:
    from ..parameters import Parameter


class BodyDecoder:
    """Decodes JSON as one type."""

    def __init__(self, parameter: Parameter, where: str = "body") -> None:
        self.annotation = parameter.annotation
        self._where = where
        self._shape = shape_of(self.annotation)
        self._pydantic = _pydantic_adapter(self._shape)
        if self._pydantic is None:
            self._decode = msgspec.json.Decoder(self.annotation).decode

    def decode(self, data: bytes, faults: Faults, name: str = "") -> t.Any:
        """Return the value; note faults. Raises `MalformedBody` for what is no JSON."""
        if self._pydantic is not None:
            return self._by_pydantic(data, faults, name)
        try:
            return self._decode(data)
        except msgspec.ValidationError:
            return self._look_again(data, faults, name)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            raise _malformed() from None

    def _look_again(self, data: bytes, faults: Faults, name: str) -> t.Any:
        try:
            raw = msgspec.json.decode(data)
            look = Look(self._where, strict=True)
            corrected = look.at(raw, self._shape)
            if not look.faults:
                return msgspec.convert(corrected, self.annotation)
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
            return self._pydantic.validate_json(data)
        except (RecursionError, UnicodeDecodeError):
            raise _malformed() from None
        except ValueError as error:
            # PERF: imported where something is wrong: 2,000 instructions less (CPython 3.11).
            from pydantic import ValidationError

            if not isinstance(error, ValidationError):
                raise
            for each in error.errors(include_url=False, include_context=False, include_input=False):
                if each["type"] in ("json_invalid", "recursion_loop"):
                    raise _malformed() from None
                pointer = "".join(f"/{step}" for step in each["loc"])
                faults.append(Fault(self._where, name or pointer, each["msg"]))
        return None


def _pydantic_adapter(shape: t.Any) -> t.Any:
    """Return pydantic's adapter where a model of its is in a type, else None."""
    if not _has_pydantic(shape):
        return None
    from pydantic import TypeAdapter

    return TypeAdapter(shape.annotation)


def _has_pydantic(shape: t.Any) -> bool:
    if isinstance(shape, Record):
        return shape.kind == "pydantic"
    if isinstance(shape, Listing):
        return _has_pydantic(shape.item)
    return isinstance(shape, Choice) and any(map(_has_pydantic, shape.options))


def _malformed() -> MalformedBody:
    return MalformedBody("The body is not JSON.")


def body_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of the body."""
    (parameter,) = parameters
    name, decoder = parameter.name, BodyDecoder(parameter)

    def read(values: Values, faults: Faults) -> None:
        if name in values:
            return
        context = get_state()[0]
        data = None if context is None else context.json_body()
        if data:
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
            raise WrongType("This address takes application/json.")
        data = request.get_data()
        if not data and not parameter.is_required:
            values[name] = parameter.make_default()
            return
        values[name] = decoder.decode(data, faults)

    return read
