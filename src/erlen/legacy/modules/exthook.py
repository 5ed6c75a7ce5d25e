"""What was ``flask.exthook``: the class that set ``flask.ext`` up."""

from __future__ import annotations

import typing as t


class ExtensionImporter:
    """An importer that does nothing: Erlen's finder of old modules does it."""

    def __init__(self, module_choices: t.Sequence[str], wrapper_module: str) -> None:
        self.module_choices = module_choices
        self.wrapper_module = wrapper_module
        self.prefix = f"{wrapper_module}."

    def install(self) -> None:
        """Do nothing: ``flask.ext`` is there already."""
