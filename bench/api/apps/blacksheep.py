"""BlackSheep, with models of pydantic's."""

import logging
from typing import Any

from blacksheep import Application, Router, json

from . import FURTHER_ROUTES
from .pydantic_models import PRODUCTS, Found, Order

# It writes a line for each request that it refuses: a terminal's time is not to be measured.
logging.getLogger("blacksheep.server").disabled = True


def make_app() -> Any:
    app = Application(router=Router())
    get, post = app.router.get, app.router.post
    for number in range(FURTHER_ROUTES):

        @get(f"/further/{number}/{{oid}}")
        async def further(oid: int) -> Any:
            return json(Found(id=oid, size=1, least=1.0, active=True).model_dump())

    @get("/orders/{oid}")
    async def find(oid: int, size: int = 10, least: float = 0.0, active: bool = False) -> Any:
        return json(Found(id=oid, size=size, least=least, active=active).model_dump())

    @post("/orders")
    async def create(order: Order) -> Any:
        return json(order.model_dump())

    @get("/products")
    async def products() -> Any:
        return json([product.model_dump() for product in PRODUCTS])

    return app
