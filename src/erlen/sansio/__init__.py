"""Signpost: Flask's import paths for the parts of an application that do no input or output.

``flask.sansio.app`` is ``erlen.app``, ``flask.sansio.blueprints`` is ``erlen.declare.blueprint``, and
``flask.sansio.scaffold`` is ``erlen.declare.scaffold`` (see ``erlen.alias``).
"""

from __future__ import annotations

from .. import app as app
from ..declare import blueprint as blueprints
from ..declare import scaffold as scaffold

__all__ = ["app", "blueprints", "scaffold"]
