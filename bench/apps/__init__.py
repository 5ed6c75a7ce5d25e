"""One module for each framework, with a `make_app` that answers the cases in the framework's usual way."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

FRAMEWORKS = ("erlen", "flask", "falcon", "bottle", "bare")


def load(framework: str) -> WSGIApplication:
    """Make the application of a framework.

    Raise ImportError when the framework is not installed.
    """
    app: WSGIApplication = import_module(f"{__name__}.{framework}").make_app()
    return app
