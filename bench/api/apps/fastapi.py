"""FastAPI."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query

from . import FURTHER_ROUTES
from .pydantic_models import PRODUCTS, Found, Order, Product


async def further(oid: int) -> Found:
    return Found(id=oid, size=1, least=1.0, active=True)


async def find(
    oid: int, size: Annotated[int, Query(ge=1, le=100)] = 10, least: float = 0.0, active: bool = False
) -> Found:
    return Found(id=oid, size=size, least=least, active=active)


async def create(order: Order) -> Order:
    return order


async def products() -> list[Product]:
    return PRODUCTS


def make_app(further_routes: int = FURTHER_ROUTES) -> Any:
    app = FastAPI()
    for number in range(further_routes):
        app.get(f"/further/{number}/{{oid}}")(further)
    app.get("/orders/{oid}")(find)
    app.post("/orders")(create)
    app.get("/products")(products)
    return app
