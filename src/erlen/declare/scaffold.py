"""What applications and blueprints have in common: a registrar with folders beside its package."""

from __future__ import annotations

import os
import typing as t
from collections import defaultdict

# Those with "as" are names that Flask's module of this name has.
from .registrar import _endpoint_from_view_func as _endpoint_from_view_func
from .registrar import _sentinel as _sentinel
from .registrar import setupmethod as setupmethod
from .resources import Resources
from .resources import _find_package_path as _find_package_path
from .resources import find_package as find_package
from .websockets import WebSocketRegistrar

if t.TYPE_CHECKING:
    from .. import typing as ft


class Scaffold(WebSocketRegistrar, Resources):
    """The common part of applications and blueprints: routes, hooks, handlers, static files, templates."""

    def __init__(
        self,
        import_name: str,
        static_folder: str | os.PathLike[str] | None = None,
        static_url_path: str | None = None,
        template_folder: str | os.PathLike[str] | None = None,
        root_path: str | None = None,
    ) -> None:
        self._make_tables(self._make_hook_table)
        self._locate(import_name, static_folder, static_url_path, template_folder, root_path)

    def _make_hook_table(self) -> ft.HookTable:
        """Make a table of hooks; an application's report their changes."""
        return defaultdict(list)
