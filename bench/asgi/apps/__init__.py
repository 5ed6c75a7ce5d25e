"""One module for each framework, with a `make_app` that answers the cases in the framework's usual way.

The further rules come before those that are asked for, so that who tries one rule after the other has tried
them. `starlette_first` is Starlette in the other order.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ...measure import CannotMeasure

FRAMEWORKS = ("erlen", "blacksheep", "falcon", "quart", "starlette", "starlette_first", "bare_asgi")


def load(framework: str) -> Any:
    """Make the application of a framework.

    Raise CannotMeasure when the framework is not installed.
    """
    try:
        module = import_module(f"{__name__}.{framework}")
    except ImportError as error:
        raise CannotMeasure(
            f"{framework} cannot be imported: {error}. `make bench-asgi` installs it."
        ) from error
    return module.make_app()
