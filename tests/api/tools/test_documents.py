"""The documents of the shop and of everything are valid OpenAPI 3.1."""

from __future__ import annotations

import json
import typing as t

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from erlen.api.document.comparing import changes
from tests.api.tools.documents import DOCUMENTS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_valid(name: str) -> None:
    document: dict[str, t.Any] = json.loads(DOCUMENTS[name]())
    validate(document, cls=OpenAPIV31SpecValidator)
    assert document["paths"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_has_changed_since_it_was_made(name: str) -> None:
    document = json.loads(DOCUMENTS[name]())
    assert changes(document, json.loads(DOCUMENTS[name]())) == []


def test_the_validator_sees_what_is_wrong() -> None:
    document = json.loads(DOCUMENTS["shop"]())
    del document["paths"]["/shop/orders/{order_id}"]["get"]["parameters"]
    assert list(OpenAPIV31SpecValidator(document).iter_errors())
