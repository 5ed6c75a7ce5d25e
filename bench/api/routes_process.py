"""Set typed routes up, make their document, and say how long that took: of the processor, in milliseconds.

Run by `routes`: python -m bench.api.routes_process FRAMEWORK COUNT
Imports are not counted, nor is making the models. A third of the routes each is as one of those that are
asked in the other cases: a GET with parameters, a POST with a body, a list.
"""

# Annotations are evaluated where they are written: the models are variables of a function.

import gc
import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from time import process_time
from typing import Annotated, Any

from ..footprint.worker import resident_kilobytes

View = Callable[..., Any]


def views_of(models: Any, limits: Any, count: int) -> Iterator[tuple[str, str, View]]:
    """Go through so many views, each with its method and what comes after its number in the path."""
    Order, Found, Product = models.Order, models.Found, models.Product

    def find() -> View:
        async def find(
            oid: int,
            size: Annotated[int, limits(ge=1, le=100)] = 10,
            least: float = 0.0,
            active: bool = False,
        ) -> Found:
            """Find an order."""
            return Found(id=oid, size=size, least=least, active=active)

        return find

    def create() -> View:
        async def create(order: Order) -> Order:
            """Take an order."""
            return order

        return create

    def products() -> View:
        async def products() -> list[Product]:
            """List the products."""
            return models.PRODUCTS

        return products

    makers = (("GET", "/orders/{oid}", find), ("POST", "/orders", create), ("GET", "/products", products))
    for number in range(count):
        method, rest, make = makers[number % len(makers)]
        yield method, rest, make()


def set_up_erlen(views: list[tuple[str, str, View]]) -> Callable[[], Any]:
    from erlen import Erlen
    from erlen.api import Api

    app = Erlen("shop")
    api = Api(app)
    for number, (method, rest, view) in enumerate(views):
        rule = f"/{number}{rest.replace('{oid}', '<int:oid>')}"
        app.add_url_rule(rule, f"view_{number}", view, methods=[method])
    app.request_planner.current(app)
    return lambda: api.document(app)


def set_up_fastapi(views: list[tuple[str, str, View]]) -> Callable[[], Any]:
    from fastapi import FastAPI

    app = FastAPI()
    for number, (method, rest, view) in enumerate(views):
        app.add_api_route(f"/{number}{rest}", view, methods=[method])
    app.build_middleware_stack()
    return app.openapi


def main(framework: str, count: str) -> None:
    # Only what is measured is imported: all that is imported is in the memory.
    if framework == "erlen":
        from msgspec import Meta as limits

        from .apps import msgspec_models as models
    else:
        from fastapi import Query as limits

        from .apps import pydantic_models as models
    set_up = {"erlen": set_up_erlen, "fastapi": set_up_fastapi}[framework]
    import_module("erlen.api" if framework == "erlen" else framework)
    views = list(views_of(models, limits, int(count)))
    make_document, set_up_milliseconds = timed(lambda: set_up(views))
    document, document_milliseconds = timed(make_document)
    told = {
        "set_up_milliseconds": set_up_milliseconds,
        "document_milliseconds": document_milliseconds,
        "kilobytes": resident_kilobytes(),
        "operations": sum(map(len, document["paths"].values())),
    }
    print(json.dumps(told))


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a function returns, and its milliseconds; nobody else's garbage is collected meanwhile."""
    gc.collect()
    started = process_time()
    result = function()
    return result, (process_time() - started) * 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
