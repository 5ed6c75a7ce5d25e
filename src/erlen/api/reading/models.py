"""Models of pydantic's: pydantic reads them, and what it finds wrong are faults."""

from __future__ import annotations

import typing as t

from ..errors import Fault
from ..shapes import has_model

if t.TYPE_CHECKING:
    from ..parameters import Parameter


def adapter_of(shape: t.Any) -> t.Any:
    """Return pydantic's adapter where a model of its is in a type, else None."""
    if not has_model(shape):
        return None
    from pydantic import TypeAdapter

    return TypeAdapter(shape.annotation)


def add_spread_model(
    adapter: t.Any, raw: dict[str, t.Any], parameter: Parameter, names: dict[str, str], faults: list[Fault]
) -> t.Any:
    """Return the model whose fields are these texts; note faults, by the names in the request."""
    from pydantic import ValidationError

    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            field = str(each["loc"][0]) if each["loc"] else ""
            faults.append(Fault(parameter.where, names.get(field, parameter.key), each["msg"]))
    return None
