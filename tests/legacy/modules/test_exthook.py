"""What was `flask.exthook`."""

from __future__ import annotations

import sys

from erlen.legacy.modules.exthook import ExtensionImporter


def test_an_importer_remembers_what_it_is_given_and_installs_nothing() -> None:
    before = list(sys.meta_path)
    importer = ExtensionImporter(["flask_%s"], "flask.ext")
    importer.install()
    assert (importer.prefix, importer.module_choices) == ("flask.ext.", ["flask_%s"])
    assert sys.meta_path == before
