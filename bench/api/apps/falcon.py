"""Falcon, without validation."""

from __future__ import annotations

from typing import Any

import falcon
from msgspec.structs import asdict

from . import FURTHER_ROUTES
from .msgspec_models import PRODUCTS


class Further:
    def on_get(self, req: Any, resp: Any, oid: int) -> None:
        resp.media = {"id": oid, "size": 1, "least": 1.0, "active": True}


class Found:
    def on_get(self, req: Any, resp: Any, oid: int) -> None:
        resp.media = {
            "id": oid,
            "size": req.get_param_as_int("size", default=10),
            "least": req.get_param_as_float("least", default=0.0),
            "active": req.get_param_as_bool("active", default=False),
        }


class Orders:
    def on_post(self, req: Any, resp: Any) -> None:
        resp.media = req.media


class Products:
    def on_get(self, req: Any, resp: Any) -> None:
        resp.media = [asdict(product) for product in PRODUCTS]


def make_app() -> Any:
    app = falcon.App()
    for number in range(FURTHER_ROUTES):
        app.add_route(f"/further/{number}/{{oid:int}}", Further())
    app.add_route("/orders/{oid:int}", Found())
    app.add_route("/orders", Orders())
    app.add_route("/products", Products())
    return app
