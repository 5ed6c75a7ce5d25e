"""Erlen with `erlen.api`, by plain views."""

from __future__ import annotations

import sys
from typing import Annotated, Any

from msgspec import Meta

from erlen import Erlen
from erlen.api import Api

from . import add_rules
from .msgspec_models import PRODUCTS, Found, Order, Product


def make_app() -> Any:
    app = Erlen(__name__)
    Api(app)
    return add_rules(app, sys.modules[__name__])


def further(oid: int) -> Found:
    return Found(oid, 1, 1.0, True)


def find(
    oid: int, size: Annotated[int, Meta(ge=1, le=100)] = 10, least: float = 0.0, active: bool = False
) -> Found:
    return Found(oid, size, least, active)


def create(order: Order) -> Order:
    return order


def products() -> list[Product]:
    return PRODUCTS
