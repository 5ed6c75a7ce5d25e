"""One module for each framework: the same four operations, each in the framework's usual way.

`make_app` returns the application. A hundred further routes come before those that are asked for, so that who
tries one rule after the other has tried them; `fastapi_alone` is FastAPI without them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ...measure import CannotMeasure

WSGI = {"erlen": "erlen", "flask_pydantic": "flask_pydantic", "apiflask": "apiflask", "falcon": "falcon"}
ASGI = {
    "erlen": "erlen_async",
    "erlen_pydantic": "erlen_pydantic",
    "fastapi": "fastapi",
    "fastapi_alone": "fastapi_alone",
    "litestar": "litestar",
    "blacksheep": "blacksheep",
}
"""The modules by the names that results have."""

FURTHER_ROUTES = 100


def load(modules: dict[str, str], framework: str) -> Any:
    """Make the application of a framework.

    Raise CannotMeasure when the framework is not installed.
    """
    try:
        module = import_module(f"{__name__}.{modules[framework]}")
    except ImportError as error:
        message = f"{framework} cannot be imported: {error}. `make bench-api` installs it."
        raise CannotMeasure(message) from error
    return module.make_app()


def add_rules(app: Any, views: Any) -> Any:
    """Add the rules of the views in a module or class to an application that has Flask's methods."""
    for number in range(FURTHER_ROUTES):
        app.add_url_rule(f"/further/{number}/<int:oid>", f"further_{number}", views.further)
    app.add_url_rule("/orders/<int:oid>", "find", views.find)
    app.add_url_rule("/orders", "create", views.create, methods=["POST"])
    app.add_url_rule("/products", "products", views.products)
    return app
