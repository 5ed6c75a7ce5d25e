"""What was ``flask.scaffold``; its names are in ``flask.sansio.scaffold`` today."""

from __future__ import annotations

from ...declare.scaffold import Scaffold as Scaffold
from ...declare.scaffold import _endpoint_from_view_func as _endpoint_from_view_func
from ...declare.scaffold import _find_package_path as _find_package_path
from ...declare.scaffold import _sentinel as _sentinel
from ...declare.scaffold import find_package as find_package
from ...declare.scaffold import setupmethod as setupmethod
from ...helpers import get_root_path as get_root_path
