"""What is asked of the typed views, and what must come back."""

from __future__ import annotations

import json
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


def faults(answer: Answer) -> bool:
    """Expect a refusal that names faults: all three, but for Litestar, which names one."""
    return (answer.status[:3] in ("400", "422") and b"priority" in answer.body) or b"country" in answer.body


def post(body: Any) -> Request:
    return Request("POST", "/orders", "", json.dumps(body).encode(), "application/json")


def cases(frameworks: tuple[str, ...]) -> list[Case]:
    """Return the cases for frameworks of one protocol; Falcon validates nothing, and so names no faults."""
    those_who_validate = tuple(name for name in frameworks if name != "falcon_")
    return [
        Case(
            "typed-query",
            "an int in the path, three typed query parameters",
            Request("GET", "/orders/7", "size=20&least=1.5&active=true"),
            json_of(FOUND),
            frameworks,
        ),
        Case("typed-body", "ten fields with a list in and out", post(ORDER), json_of(ORDER), frameworks),
        Case("typed-faults", "the same with three faults", post(WRONG), faults, those_who_validate),
        Case("typed-list", "100 objects", Request("GET", "/products"), json_of(PRODUCTS), frameworks),
    ]
