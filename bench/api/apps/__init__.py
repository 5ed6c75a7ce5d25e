"""One module for each framework: the same four operations, each in the framework's usual way.

`make_app` returns the application. A hundred further routes come before those that are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ...measure import CannotMeasure

WSGI = ("erlen", "flask_pydantic", "apiflask_", "falcon_")
ASGI = ("erlen_async", "erlen_pydantic", "fastapi_", "litestar_", "blacksheep_")
FURTHER_ROUTES = 100


def load(framework: str) -> Any:
    """Make the application of a framework.

    Raise CannotMeasure when the framework is not installed.
    """
    try:
        module = import_module(f"{__name__}.{framework}")
    except ImportError as error:
        message = f"{framework} cannot be imported: {error}. `make bench-api` installs it."
        raise CannotMeasure(message) from error
    return module.make_app()
