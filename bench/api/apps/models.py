"""The models of msgspec's: what an order has, and what it is made of."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=80)]


class Line(Struct):
    product: Name
    count: Annotated[int, Meta(ge=1)]
    price: float


class Order(Struct):
    customer: Name
    street: str
    city: str
    postcode: str
    country: Annotated[str, Meta(min_length=2, max_length=2)]
    express: bool
    discount: float
    priority: Annotated[int, Meta(ge=0, le=9)]
    note: str | None
    lines: list[Line]


class Found(Struct):
    id: int
    size: int
    least: float
    active: bool


class Product(Struct):
    id: int
    name: str
    price: float
    in_stock: bool
    maker: str


PRODUCTS = [
    Product(number, f"Product {number}", number * 1.25, number % 2 == 0, "Erlen") for number in range(100)
]
