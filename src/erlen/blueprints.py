"""Signpost: Flask's import path for blueprints, which live in ``erlen.declare.blueprint``."""

from __future__ import annotations

from .declare.blueprint import Blueprint as Blueprint
from .declare.blueprint import BlueprintSetupState as BlueprintSetupState
from .declare.registrar import _sentinel as _sentinel
