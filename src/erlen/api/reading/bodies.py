"""Reads JSON: msgspec decodes it, and a second look names the faults."""

from __future__ import annotations

import typing as t

import msgspec

from erlen import request

from ..errors import Fault, MalformedBody, WrongType
from ..second_look import Look, split
from ..shapes import Choice, Listing, Record, shape_of
from .texts import Faults, Reader, Values

if t.TYPE_CHECKING:
    from ..parameters import Parameter


class BodyDecoder:
    """Decodes JSON as one type."""

    format = "JSON"

    def __init__(self, parameter: Parameter, where: str = "body") -> None:
        self.annotation = parameter.annotation
        self.where = where
        self.shape = shape_of(self.annotation)
        self.adapter = _pydantic_adapter(self.shape)
        if self.adapter is None:
            self._decode = self.make_typed()

    def make_typed(self) -> t.Callable[[bytes], t.Any]:
        """Make the function that decodes as the type."""
        return msgspec.json.Decoder(self.annotation).decode

    def decode_untyped(self, data: bytes) -> t.Any:
        """Decode as lists, dicts and scalars, for the second look."""
        return msgspec.json.decode(data)

    def malformed(self) -> MalformedBody:
        """Make the exception for what is not of the format at all."""
        return MalformedBody(f"The body is not {self.format}.")

    def decode(self, data: bytes, faults: Faults, name: str = "") -> t.Any:
        """Return the value; note faults. Raises `MalformedBody` for what is no JSON."""
        if self.adapter is not None:
            return self.by_adapter(data, faults, name)
        try:
            return self._decode(data)
        except msgspec.ValidationError:
            return self.look_again(data, faults, name)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            raise self.malformed() from None

    def look_again(self, data: bytes, faults: Faults, name: str) -> t.Any:
        """Return the value where nothing is wrong after all; note every fault."""
        try:
            raw = self.decode_untyped(data)
            look = Look(self.where, strict=True)
            corrected = look.at(raw, self.shape)
            if not look.faults:
                return msgspec.convert(corrected, self.annotation, str_keys=True)
        except msgspec.ValidationError as error:
            detail, pointer = split(str(error))
            faults.append(Fault(self.where, name or pointer, detail))
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            raise self.malformed() from None
        faults += [Fault(self.where, name or fault.at, fault.detail) for fault in look.faults]
        return None

    def by_adapter(self, data: bytes, faults: Faults, name: str) -> t.Any:
        """Return the value as pydantic reads it from JSON; note every fault."""
        from pydantic import ValidationError

        assert self.adapter is not None
        try:
            return self.adapter.validate_json(data)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False, include_input=False):
                if each["type"] in ("json_invalid", "recursion_loop"):
                    raise self.malformed() from None
                pointer = "".join(f"/{step}" for step in each["loc"])
                faults.append(Fault(self.where, name or pointer, each["msg"]))
        except (RecursionError, UnicodeDecodeError):
            raise self.malformed() from None
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


def body_reader(parameters: list[Parameter]) -> Reader:
    """Return the reader of the body."""
    (parameter,) = parameters
    name, decoder = parameter.name, BodyDecoder(parameter)

    def read(values: Values, faults: Faults) -> None:
        if name in values:
            return
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
