"""Signpost: Flask's import paths for the parts of an application that do no input or output."""

from __future__ import annotations

from . import app as app
from . import blueprints as blueprints
from . import scaffold as scaffold
