"""Litestar."""

from typing import Annotated, Any

from litestar import Litestar, get, post
from litestar.params import Parameter

from . import FURTHER_ROUTES
from .msgspec_models import PRODUCTS, Found, Order, Product


def further(number: int) -> Any:
    @get(f"/further/{number}/{{oid:int}}", name=f"further_{number}")
    async def one(oid: int) -> Found:
        return Found(oid, 1, 1.0, True)

    return one


@get("/orders/{oid:int}")
async def find(
    oid: int, size: Annotated[int, Parameter(ge=1, le=100)] = 10, least: float = 0.0, active: bool = False
) -> Found:
    return Found(oid, size, least, active)


@post("/orders", status_code=200)
async def create(data: Order) -> Order:
    return data


@get("/products")
async def products() -> list[Product]:
    return PRODUCTS


def make_app() -> Any:
    return Litestar([*map(further, range(FURTHER_ROUTES)), find, create, products])
