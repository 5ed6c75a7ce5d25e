"""One operation of the document: its parameters, its body and its answers."""

from __future__ import annotations

import inspect
import re
import typing as t
from functools import lru_cache

from ..errors import PROBLEM
from ..parameters import NOTHING, Parameter
from ..reading.forms import is_file_list
from ..results import Answer, title_of
from ..shapes import Record, shape_of
from ..sources import field_name
from .schemas import Schema, Schemas

if t.TYPE_CHECKING:
    from ..scope import Api
    from ..views import Operation

_VARIABLE = re.compile(r"<(?:[^>:]*:)?([^>]+)>")
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"

PROBLEM_SCHEMA: Schema = {
    "title": "Problem",
    "description": "What is wrong with a request (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
    },
    "required": ["type", "title", "status"],
}
FAULT_SCHEMA: Schema = {
    "title": "Fault",
    "description": "A fault: a parameter by its name, or a part of the body by its JSON pointer.",
    "type": "object",
    "properties": {
        "in": {"enum": ["path", "query", "header", "cookie", "form", "body"]},
        "name": {"type": "string"},
        "at": {"type": "string"},
        "detail": {"type": "string"},
    },
    "required": ["in", "detail"],
}

# As of JSON lines, the schema of a stream is that of each item: OpenAPI 3.1 has no word for that of all.
EVENT_SCHEMA: Schema = {
    "title": "ServerSentEvent",
    "type": "object",
    "properties": {
        "event": {"type": "string"},
        "data": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer"},
    },
}


def path_of(rule: t.Any) -> str:
    """Return a rule as a path of OpenAPI: `/orders/{oid}`."""
    return _path_of(str(rule.rule))


@lru_cache(maxsize=1024)  # each is asked for several times
def _path_of(rule: str) -> str:
    return _VARIABLE.sub(lambda found: f"{{{found[1]}}}", rule)


def describe(
    api: Api, route: t.Any, operation: Operation, identity: str, schemas: Schemas
) -> dict[str, t.Any]:
    """Return an operation as OpenAPI describes it."""
    every = _with_those_of_providers(api, operation.parameters)
    described: dict[str, t.Any] = {"operationId": identity}
    if route.blueprints:
        described["tags"] = [route.blueprints[0].rpartition(".")[2]]
    described |= _words(operation.function)
    if hasattr(operation.function, "__deprecated__"):
        described["deprecated"] = True
    parameters = [*_path_parameters(route, operation, schemas), *_parameters(every, schemas)]
    if parameters:
        described["parameters"] = parameters
    body = _body(every, schemas)
    if body is not None:
        described["requestBody"] = body
    answers: dict[str, t.Any] = {}
    for answer in operation.answers or [Answer(t.Any, 200)]:
        _add_answer(answers, answer, schemas)
    security = _security(api, route, operation, every)
    if security:
        described["security"] = security
    sources = {parameter.where for parameter in every}
    for status in _faults(sources, has_variables=bool(route.rule.arguments), is_secured=bool(security)):
        _add_problem(answers, status, api, schemas)
    if "404" in answers and route.blueprints:
        # An address that no rule matches belongs to no blueprint: the application answers, with its own page.
        answers["404"].setdefault("content", {}).setdefault("text/html", _page())
    described["responses"] = dict(sorted(answers.items()))
    return described


def _with_those_of_providers(api: Api, parameters: t.Iterable[Parameter]) -> list[Parameter]:
    found: dict[tuple[str, str], Parameter] = {}
    for parameter in parameters:
        if parameter.provider is None:
            found.setdefault((parameter.where, parameter.key), parameter)
            continue
        binder = api.supplier.prepare(parameter.provider)
        for each in _with_those_of_providers(api, binder.parameters):
            found.setdefault((each.where, each.key), each)
    return list(found.values())


def _words(function: t.Callable[..., t.Any]) -> dict[str, str]:
    text = inspect.getdoc(function)
    if not text:
        return {}
    summary, _, description = text.partition("\n")
    words = {"summary": summary.strip(), "description": description.strip()}
    return {key: value for key, value in words.items() if value}


# what is asked for


def _path_parameters(route: t.Any, operation: Operation, schemas: Schemas) -> t.Iterator[Schema]:
    typed = {parameter.name: parameter for parameter in operation.parameters if parameter.where == "path"}
    in_path = [name for name in _VARIABLE.findall(str(route.rule.rule)) if name in route.rule.arguments]
    for name in in_path:
        converter = getattr(route.rule, "_converters", {}).get(name)
        schema = _of_converter(converter)
        parameter = typed.get(name)
        if parameter is not None and not parameter.is_converted:
            schema = {**schemas.received(parameter.annotation), **_limits(schema)}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _of_converter(converter: t.Any) -> Schema:
    """Return the schema of what a converter matches: those of Werkzeug; text for others."""
    kind = type(converter).__name__
    if kind in ("IntegerConverter", "FloatConverter"):
        schema: Schema = {"type": "integer" if kind == "IntegerConverter" else "number"}
        least = converter.min if converter.min is not None else None if converter.signed else 0
        limits = {"minimum": least, "maximum": converter.max}
        return {**schema, **{key: value for key, value in limits.items() if value is not None}}
    if kind == "UUIDConverter":
        return {"type": "string", "format": "uuid"}
    if kind == "AnyConverter":
        return (
            {"type": "string", "enum": sorted(converter.items)}
            if hasattr(converter, "items")
            else {"type": "string"}
        )
    return {"type": "string", "minLength": 1}


def _limits(schema: Schema) -> Schema:
    return {key: schema[key] for key in ("minimum", "maximum") if key in schema}


def _parameters(parameters: list[Parameter], schemas: Schemas) -> t.Iterator[Schema]:
    for parameter in parameters:
        if parameter.where not in ("query", "header", "cookie"):
            continue
        record = shape_of(parameter.annotation)
        if isinstance(record, Record):
            for field in record.fields:
                required = field.required and parameter.is_required
                name = field_name(parameter.where, field.key)
                yield _parameter(parameter.where, name, schemas.received_field(record, field), required)
            continue
        schema = schemas.received(parameter.annotation)
        described = _parameter(parameter.where, parameter.key, schema, parameter.is_required)
        if parameter.default is not NOTHING and parameter.default is not None:
            described["schema"] = _with_default(described["schema"], parameter.default)
        yield described


def _parameter(where: str, name: str, schema: Schema, required: bool) -> dict[str, t.Any]:
    described: dict[str, t.Any] = {"name": name, "in": where, "schema": schema}
    if required:
        described["required"] = True
    for key in ("description", "deprecated"):
        if key in schema:
            described[key] = schema[key]
    return described


def _with_default(schema: Schema, default: t.Any) -> Schema:
    import msgspec

    try:
        return {**schema, "default": msgspec.to_builtins(default, order="sorted")}
    except TypeError:
        return schema


def _body(parameters: list[Parameter], schemas: Schemas) -> Schema | None:
    for parameter in parameters:
        if parameter.where == "body":
            schema = schemas.received(parameter.annotation)
            content = {kind: {"schema": schema} for kind in parameter.media_types}
            return {"content": content, **({"required": True} if parameter.is_required else {})}
    fields = [parameter for parameter in parameters if parameter.where in ("form", "file", "part")]
    if not fields:
        return None
    properties: Schema = {}
    required: list[str] = []
    for parameter in fields:
        record = shape_of(parameter.annotation)
        if parameter.where == "form" and isinstance(record, Record):
            for field in record.fields:
                properties[field.key] = schemas.received_field(record, field)
                required += [field.key] if field.required and parameter.is_required else []
            continue
        properties[parameter.key] = _of_field(parameter, schemas)
        required += [parameter.key] if parameter.is_required else []
    form = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    has_files = any(parameter.where != "form" for parameter in fields)
    kinds = (_MULTIPART,) if has_files else (_FORM, _MULTIPART)
    content = {kind: {"schema": form} for kind in kinds}
    return {"content": content, **({"required": True} if required else {})}


def _of_field(parameter: Parameter, schemas: Schemas) -> Schema:
    if parameter.where != "file":
        return schemas.received(parameter.annotation)
    file = {"type": "string", "format": "binary"}
    return {"type": "array", "items": file} if is_file_list(parameter) else file


# what is answered


def _faults(sources: set[str], *, has_variables: bool, is_secured: bool) -> t.Iterator[int]:
    """Yield the statuses that a view is not called with."""
    if sources & {"query", "header", "cookie", "form", "file", "part", "body"}:
        yield 422
    if sources & {"body", "form", "file", "part"}:
        yield 400
    if sources & {"body"}:
        yield 415
    if sources & {"body", "form", "file", "part"}:
        yield 413
    if has_variables:
        yield 404
    if is_secured:
        yield 401


def _add_answer(answers: dict[str, t.Any], answer: Answer, schemas: Schemas) -> None:
    described = answers.setdefault(str(answer.status), {"description": title_of(answer.status)})
    if answer.form == "none" or answer.annotation is t.Any:
        return
    schema = EVENT_SCHEMA if answer.form == "events" else schemas.sent(answer.annotation)
    content = described.setdefault("content", {})
    for kind in answer.media_types:
        _add_content(content, kind, schema)


def _add_content(content: dict[str, Schema], kind: str, schema: Schema) -> None:
    """Add a schema to those that a media type may have."""
    if kind not in content:
        content[kind] = {"schema": schema}
    elif content[kind]["schema"] != schema:
        known = content[kind]["schema"]
        options = known.get("anyOf", [known])
        content[kind] = {"schema": {"anyOf": [*options, schema]}}


def _page() -> Schema:
    """Return how a page is described: without a schema, clients know nothing of other answers either."""
    return {"schema": {"type": "string"}}


def _add_problem(answers: dict[str, t.Any], status: int, api: Api, schemas: Schemas) -> None:
    described = answers.setdefault(str(status), {"description": title_of(status)})
    content = described.setdefault("content", {})
    model = api.problem_model
    if model is not None:
        for answer in model.answers:
            _add_content(content, model.media_type, schemas.sent(answer.annotation))
    elif api.problems or status in _ALWAYS_PROBLEMS:
        schemas.add("Fault", FAULT_SCHEMA)
        _add_content(content, PROBLEM, schemas.add("Problem", PROBLEM_SCHEMA))
    else:
        content.setdefault("text/html", _page())


# Those of the exceptions that are problems by themselves.
_ALWAYS_PROBLEMS = (400, 415, 422)


# credentials


def _security(api: Api, route: t.Any, operation: Operation, parameters: list[Parameter]) -> list[Schema]:
    schemes = [parameter for parameter in parameters if parameter.scheme is not None]
    needed: dict[str, list[str]] = {}
    for parameter in schemes:
        assert parameter.scheme is not None
        needed[parameter.scheme.title] = list(getattr(parameter.scheme, "scopes", ()))
    around = api.scheme_of(operation.view) if operation.view is not None else None
    if around is not None:
        needed[around.title] = list(getattr(around, "scopes", ()))
    if not needed:
        return []
    is_optional = around is None and all(not parameter.is_required for parameter in schemes)
    return [needed, {}] if is_optional else [needed]


def schemes_of(api: Api, operation: Operation) -> dict[str, Schema]:
    """Return the security schemes of an operation by their names."""
    found = {}
    for parameter in _with_those_of_providers(api, operation.parameters):
        if parameter.scheme is not None:
            found[parameter.scheme.title] = parameter.scheme.as_document()
    around = api.scheme_of(operation.view) if operation.view is not None else None
    if around is not None:
        found[around.title] = around.as_document()
    return found
