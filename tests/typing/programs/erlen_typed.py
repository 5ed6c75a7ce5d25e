"""Typed views: results are checked where they are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from erlen import Blueprint, Encoded, Erlen
from erlen.typing import ResponseReturnValue

app = Erlen(__name__)
shop = Blueprint("shop", __name__)


@dataclass
class Order:
    id: int


class Plain:
    pass


@shop.get("/orders/<int:number>")
def order(number: int) -> Order:
    return Order(number)


@shop.get("/orders")
def orders() -> list[Order]:
    return [Order(1)]


@shop.post("/orders")
async def create() -> tuple[Order, Literal[201]]:
    return Order(1), 201


@shop.put("/orders")
def put() -> tuple[Order, Literal[201]]:
    return Order(1), 200  # error: return-value reportReturnType


@shop.get("/lines")
def lines() -> Iterator[Order]:
    yield Order(1)


@shop.delete("/orders")
def delete() -> None:
    return None


@shop.get("/encoded")
def encoded() -> Encoded:
    return Encoded(b"{}", "application/json", 200, [("X-A", "1")])


@shop.get("/plain")  # error: type-var reportArgumentType
def plain() -> Plain:
    return Plain()


def adapt(route: object, view: object) -> None: ...


app.view_adapters.append(adapt)
given: ResponseReturnValue = Order(1)
wrong: ResponseReturnValue = Plain()  # error: assignment reportAssignmentType
