"""Signpost: what applications and blueprints share lives in ``erlen.declare``."""

from __future__ import annotations

from ..declare.registrar import _endpoint_from_view_func as _endpoint_from_view_func
from ..declare.registrar import _sentinel as _sentinel
from ..declare.registrar import setupmethod as setupmethod
from ..declare.resources import _find_package_path as _find_package_path
from ..declare.resources import find_package as find_package
from ..declare.scaffold import Scaffold as Scaffold

__all__ = [
    "Scaffold",
    "_endpoint_from_view_func",
    "_find_package_path",
    "_sentinel",
    "find_package",
    "setupmethod",
]
