"""Signpost: blueprints live in ``erlen.declare.blueprint``."""

from __future__ import annotations

from ..declare.blueprint import Blueprint as Blueprint
from ..declare.blueprint import BlueprintSetupState as BlueprintSetupState
from ..declare.blueprint import DeferredSetupFunction as DeferredSetupFunction
