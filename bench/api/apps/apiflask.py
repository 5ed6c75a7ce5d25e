"""APIFlask, with its schemas of Marshmallow's."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask, Schema
from apiflask.fields import Boolean, Float, Integer, List, Nested, String
from apiflask.validators import Length, Range

from . import FURTHER_ROUTES
from .msgspec_models import PRODUCTS


class LineSchema(Schema):
    product = String(required=True, validate=Length(1, 80))
    count = Integer(required=True, validate=Range(min=1))
    price = Float(required=True)


class OrderSchema(Schema):
    customer = String(required=True, validate=Length(1, 80))
    street = String(required=True)
    city = String(required=True)
    postcode = String(required=True)
    country = String(required=True, validate=Length(2, 2))
    express = Boolean(required=True)
    discount = Float(required=True)
    priority = Integer(required=True, validate=Range(0, 9))
    note = String(required=True, allow_none=True)
    lines = List(Nested(LineSchema), required=True)


class SearchSchema(Schema):
    size = Integer(load_default=10, validate=Range(1, 100))
    least = Float(load_default=0.0)
    active = Boolean(load_default=False)


class FoundSchema(Schema):
    id = Integer()
    size = Integer()
    least = Float()
    active = Boolean()


class ProductSchema(Schema):
    id = Integer()
    name = String()
    price = Float()
    in_stock = Boolean()
    maker = String()


def make_app() -> Any:
    app = APIFlask(__name__)

    @app.output(FoundSchema)
    def further(oid: int) -> Any:
        return {"id": oid, "size": 1, "least": 1.0, "active": True}

    for number in range(FURTHER_ROUTES):
        app.add_url_rule(f"/further/{number}/<int:oid>", f"further_{number}", further)

    @app.get("/orders/<int:oid>")
    @app.input(SearchSchema, location="query")
    @app.output(FoundSchema)
    def find(oid: int, query_data: Any) -> Any:
        return {"id": oid, **query_data}

    @app.post("/orders")
    @app.input(OrderSchema)
    @app.output(OrderSchema)
    def create(json_data: Any) -> Any:
        return json_data

    @app.get("/products")
    @app.output(ProductSchema(many=True))
    def products() -> Any:
        return PRODUCTS

    return app
