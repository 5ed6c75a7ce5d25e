"""What was ``flask.ext``: its modules are the packages of the extensions.

``flask.ext.sqlalchemy`` is ``flask_sqlalchemy``, or ``flaskext.sqlalchemy`` where that is installed.
"""

from __future__ import annotations

import typing as t
from importlib import import_module

# A package without a folder: the finder (``old_modules``) finds what is below it.
__path__: list[str] = []


def __getattr__(name: str) -> t.Any:
    try:
        return import_module(f"flask.ext.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"flask.ext.{name}":
            raise
        raise AttributeError(f"module 'flask.ext' has no attribute {name!r}") from error
