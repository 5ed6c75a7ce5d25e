"""What is asked of the typed views, and what must come back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..cases import Case, json_of
from ..wsgi import Answer, Request

ORDER: dict[str, Any] = {
    "customer": "Ada Lovelace",
    "street": "12 St James's Square",
    "city": "London",
    "postcode": "SW1Y 4JH",
    "country": "GB",
    "express": True,
    "discount": 12.5,
    "priority": 3,
    "note": None,
    "lines": [{"product": f"Engine {number}", "count": number + 1, "price": 9.75} for number in range(5)],
}
WRONG = {**ORDER, "country": "GBR", "priority": 12, "lines": [{"product": "", "count": 1, "price": 1.0}]}
FOUND = {"id": 7, "size": 20, "least": 1.5, "active": True}
PRODUCTS = [
    {
        "id": number,
        "name": f"Product {number}",
        "price": number * 1.25,
        "in_stock": number % 2 == 0,
        "maker": "Erlen",
    }
    for number in range(100)
]


NAMES_OF_FAULTS = (b"country", b"priority", b"product")


def named_faults(answer: Answer) -> list[bytes]:
    """Return those of the three fields with a fault that a refusal names; none where it is no refusal."""
    refused = answer.status[:3] in ("400", "422")
    return [name for name in NAMES_OF_FAULTS if name in answer.body] if refused else []


def all_faults(answer: Answer) -> bool:
    return len(named_faults(answer)) == len(NAMES_OF_FAULTS)


def faults(answer: Answer) -> bool:
    """Expect a refusal that names all faults; of Litestar, which stops at the first, one that names this."""
    is_litestars = b'"detail":"Validation failed for POST' in answer.body
    return bool(named_faults(answer)) if is_litestars else all_faults(answer)


def post(body: Any) -> Request:
    return Request("POST", "/orders", "", json.dumps(body).encode(), "application/json")


CASES = (
    Case(
        "typed-query",
        "int in the path, three query parameters",
        Request("GET", "/orders/7", "size=20&least=1.5&active=true"),
        json_of(FOUND),
    ),
    Case("typed-body", "ten fields with a list, in and out", post(ORDER), json_of(ORDER)),
    Case("typed-faults", "the same with three faults", post(WRONG), faults),
    Case("typed-list", "100 objects", Request("GET", "/products"), json_of(PRODUCTS)),
)
CASE_NAMES = tuple(case.name for case in CASES)


def cases(names: Sequence[str], frameworks: tuple[str, ...]) -> list[Case]:
    """Return the cases of these names for frameworks; Falcon validates nothing, and so names no faults."""
    validating = tuple(name for name in frameworks if name != "falcon")
    return [
        replace(case, frameworks=validating if case.name == "typed-faults" else frameworks)
        for case in CASES
        if case.name in names and (validating or case.name != "typed-faults")
    ]
