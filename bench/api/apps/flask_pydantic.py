"""Flask with pydantic by hand."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask, Response, request
from pydantic import TypeAdapter, ValidationError

from . import add_rules
from .pydantic_models import PRODUCTS, Found, Order, Product, Search

ALL = TypeAdapter(list[Product])


def make_app() -> Any:
    app = Flask(__name__)
    app.register_error_handler(ValidationError, refuse)
    return add_rules(app, sys.modules[__name__])


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
