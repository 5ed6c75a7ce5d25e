"""Erlen with `erlen.api`, by coroutine views, with models of msgspec's or of pydantic's."""

# Annotations are evaluated where they are written: the models are variables of a function.

from types import ModuleType, SimpleNamespace
from typing import Annotated, Any

from msgspec import Meta

from erlen import Erlen
from erlen.api import Api

from . import add_rules


def make_app(models: ModuleType | None = None) -> Any:
    if models is None:
        from . import msgspec_models as models
    app = Erlen(__name__)
    Api(app)
    return add_rules(app, views_of(models)).asgi_app


def views_of(models: Any) -> SimpleNamespace:
    Found, Order, Product = models.Found, models.Order, models.Product

    async def further(oid: int) -> Found:
        return Found(id=oid, size=1, least=1.0, active=True)

    async def find(
        oid: int, size: Annotated[int, Meta(ge=1, le=100)] = 10, least: float = 0.0, active: bool = False
    ) -> Found:
        return Found(id=oid, size=size, least=least, active=active)

    async def create(order: Order) -> Order:
        return order

    async def products() -> list[Product]:
        return models.PRODUCTS

    return SimpleNamespace(further=further, find=find, create=create, products=products)
