"""Reads the parts of a request: each reader adds the values of its parameters, or notes faults."""

from __future__ import annotations

import typing as t

import msgspec
from werkzeug.exceptions import NotFound

from erlen import request
from erlen.active import get_state

from .errors import Fault, InvalidRequest, MalformedBody, WrongType
from .parameters import Parameter, is_list
from .second_look import Look, split
from .shapes import Choice, Listing, Record, Scalar, is_record, shape_of, without_extras

Values: t.TypeAlias = "dict[str, t.Any]"
Faults: t.TypeAlias = "list[Fault]"
Reader: t.TypeAlias = "t.Callable[[Values, Faults], None]"

REQUIRED = "This parameter is required"
_NO_NUMBERS = ("nan", "inf", "infinity")
# PERF: looked at first, 0.1 us instead of 0.6 (CPython 3.11).
_ENDS = frozenset("nNfFyY")


def reader_of(where: str, parameters: list[Parameter]) -> Reader:
    """Return the reader of one part of the request."""
    return _READERS[where](parameters)


# paths


def _path_reader(parameters: list[Parameter]) -> Reader:
    def read(values: Values, faults: Faults) -> None:
        for parameter in parameters:
            given = values.get(parameter.name)
            try:
                # A value that is no text was made by a converter, or is a default of the rule.
                values[parameter.name] = msgspec.convert(
                    given, parameter.annotation, strict=type(given) is not str
                )
            except (msgspec.ValidationError, ValueError):
                raise NotFound from None

    return read


# texts: query, headers, cookies, forms


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
        self.spread = [(parameter, *_spread(parameter)) for parameter in parameters if _is_spread(parameter)]
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
        for parameter, record, wanted in self.spread:
            if parameter.name in values:
                continue
            raw = {key: got for key, several in wanted.items() if (got := get(key, several)) is not None}
            if not raw and not parameter.is_required:
                values[parameter.name] = parameter.make_default()
                continue
            for field in record.fields:
                if field.key in raw and _is_float(field.annotation):
                    _spoil_no_numbers(raw, field.key)
            try:
                values[parameter.name] = msgspec.convert(raw, parameter.annotation, strict=False)
            except (msgspec.ValidationError, ValueError):
                look = Look(self.where, strict=False)
                look.at(raw, record)
                faults += [fault._replace(at=fault.at.lstrip("/").partition("/")[0]) for fault in look.faults]


def _is_spread(parameter: Parameter) -> bool:
    return isinstance(shape_of(parameter.annotation), Record)


def _spread(parameter: Parameter) -> tuple[Record, dict[str, bool]]:
    record = shape_of(parameter.annotation)
    assert isinstance(record, Record)
    return record, {field.key: is_list(field.annotation) for field in record.fields}


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


def _query_reader(parameters: list[Parameter]) -> Reader:
    texts = Texts("query", parameters)
    wanted = texts.wanted
    defaults = {p.name: p.default for p in texts.parameters if not p.is_required}
    copied = [p for p in texts.parameters if isinstance(p.default, (list, dict, set))]

    def read(values: Values, faults: Faults) -> None:
        context = get_state()[0]
        query = None if context is None else context.query_text()
        if query is None:
            query = request.query_string.decode("latin1")
        if texts.spread:
            texts.add_spread(_getter(request.args), values, faults)
            if not wanted:
                return
        if not query and texts.is_optional:
            values.update(defaults | values)
            for parameter in copied:
                if values[parameter.name] is parameter.default:
                    values[parameter.name] = parameter.make_default()
            return
        texts.add(_of_query(query, wanted), values, faults)

    return read


def _of_query(query: str, wanted: dict[str, tuple[str, bool]]) -> dict[str, t.Any]:
    """Return the texts of a query string by parameter; of several for one value, the first.

    PERF: a query without escapes is taken apart here, in 1.1 us instead of 2.9 by `request.args` (CPython 3.11).
    """
    found: dict[str, t.Any] = {}
    if "%" in query or "+" in query or not query.isascii():
        args = request.args
        for key, (name, several) in wanted.items():
            if key in args:
                found[name] = args.getlist(key) if several else args[key]
        return found
    for pair in query.split("&"):
        key, _, text = pair.partition("=")
        target = wanted.get(key)
        if target is None:
            continue
        name, several = target
        if several:
            found.setdefault(name, []).append(text)
        elif name not in found:
            found[name] = text
    return found


def _getter(source: t.Any) -> t.Callable[[str, bool], t.Any]:
    def get(key: str, several: bool) -> t.Any:
        if several:
            return source.getlist(key) or None
        return source.get(key)

    return get


def _header_reader(parameters: list[Parameter]) -> Reader:
    return _texts_reader(Texts("header", parameters), lambda: _HeaderGetter(request.headers))


class _HeaderGetter:
    """Headers as texts: a list is what commas separate."""

    def __init__(self, headers: t.Any) -> None:
        self._headers = headers

    def __call__(self, key: str, several: bool) -> t.Any:
        text = self._headers.get(key)
        if text is None or not several:
            return text
        return [item.strip() for item in text.split(",") if item.strip()]


def _cookie_reader(parameters: list[Parameter]) -> Reader:
    return _texts_reader(Texts("cookie", parameters), lambda: _getter(request.cookies))


def _texts_reader(texts: Texts, getter: t.Callable[[], t.Callable[[str, bool], t.Any]]) -> Reader:
    wanted = texts.wanted.items()

    def read(values: Values, faults: Faults) -> None:
        get = getter()
        texts.add_spread(get, values, faults)
        if wanted:
            raw = {name: got for key, (name, many) in wanted if (got := get(key, many)) is not None}
            texts.add(raw, values, faults)

    return read


# forms


def _form_reader(parameters: list[Parameter]) -> Reader:
    return _texts_reader(Texts("form", parameters), lambda: _form_getter(request.form))


def _form_getter(form: t.Any) -> t.Callable[[str, bool], t.Any]:
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


def _file_reader(parameters: list[Parameter]) -> Reader:
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


def _part_reader(parameters: list[Parameter]) -> Reader:
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


# bodies


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
        faults += [fault._replace(at=name) for fault in look.faults] if name else look.faults
        return None

    def _by_pydantic(self, data: bytes, faults: Faults, name: str) -> t.Any:
        from pydantic import ValidationError

        assert self._pydantic is not None
        try:
            return self._pydantic.validate_json(data)
        except ValidationError as error:
            for each in error.errors(include_url=False, include_context=False, include_input=False):
                if each["type"] in ("json_invalid", "recursion_loop"):
                    raise _malformed() from None
                pointer = "".join(f"/{step}" for step in each["loc"])
                faults.append(Fault(self._where, name or pointer, each["msg"]))
        except (RecursionError, UnicodeDecodeError):
            raise _malformed() from None
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


def _body_reader(parameters: list[Parameter]) -> Reader:
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
            raise WrongType("This address takes application/json.")
        data = request.get_data()
        if not data and not parameter.is_required:
            values[name] = parameter.make_default()
            return
        values[name] = decoder.decode(data, faults)

    return read


_READERS: dict[str, t.Callable[[list[Parameter]], Reader]] = {
    "path": _path_reader,
    "query": _query_reader,
    "header": _header_reader,
    "cookie": _cookie_reader,
    "form": _form_reader,
    "file": _file_reader,
    "part": _part_reader,
    "body": _body_reader,
}


def is_body_shape(annotation: t.Any) -> bool:
    """Tell whether a type can be that of a body by itself."""
    return is_record(shape_of(annotation))


def raise_faults(faults: Faults) -> None:
    """Raise the answer that names all faults, if there are any."""
    if faults:
        raise InvalidRequest(faults)


__all__ = ["BodyDecoder", "Reader", "Scalar", "raise_faults", "reader_of"]
