"""The same models by pydantic."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

Name = Annotated[str, Field(min_length=1, max_length=80)]


class Line(BaseModel):
    product: Name
    count: Annotated[int, Field(ge=1)]
    price: float


class Order(BaseModel):
    customer: Name
    street: str
    city: str
    postcode: str
    country: Annotated[str, Field(min_length=2, max_length=2)]
    express: bool
    discount: float
    priority: Annotated[int, Field(ge=0, le=9)]
    note: str | None
    lines: list[Line]


class Search(BaseModel):
    size: int = Field(default=10, ge=1, le=100)
    least: float = 0.0
    active: bool = False


class Found(BaseModel):
    id: int
    size: int
    least: float
    active: bool


class Product(BaseModel):
    id: int
    name: str
    price: float
    in_stock: bool
    maker: str


PRODUCTS = [
    Product(id=number, name=f"Product {number}", price=number * 1.25, in_stock=number % 2 == 0, maker="Erlen")
    for number in range(100)
]
