"""Flask with pydantic by hand."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from pydantic import TypeAdapter, ValidationError

from . import FURTHER_ROUTES
from .pydantic_models import PRODUCTS, Found, Order, Product, Search

ALL = TypeAdapter(list[Product])


def make_app() -> Any:
    app = Flask(__name__)
    for number in range(FURTHER_ROUTES):
        app.add_url_rule(f"/further/{number}/<int:oid>", f"further_{number}", further)
    app.add_url_rule("/orders/<int:oid>", "find", find)
    app.add_url_rule("/orders", "create", create, methods=["POST"])
    app.add_url_rule("/products", "products", products)
    app.register_error_handler(ValidationError, refuse)
    return app


def further(oid: int) -> Any:
    found = Found(id=oid, size=1, least=1.0, active=True)
    return Response(found.model_dump_json(), mimetype="application/json")


def find(oid: int) -> Any:
    search = Search.model_validate(request.args.to_dict())
    found = Found(id=oid, size=search.size, least=search.least, active=search.active)
    return Response(found.model_dump_json(), mimetype="application/json")


def create() -> Any:
    order = Order.model_validate_json(request.get_data())
    return Response(order.model_dump_json(), mimetype="application/json")


def products() -> Any:
    return Response(ALL.dump_json(PRODUCTS), mimetype="application/json")


def refuse(error: ValidationError) -> Any:
    return {"errors": error.errors(include_url=False, include_context=False, include_input=False)}, 422
