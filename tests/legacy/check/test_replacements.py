"""Each name that is written in place of an old one exists, and is no old one itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from erlen.legacy.check.replacements import edits_of
from erlen.legacy.check.table import table

LOOK_FOR_EACH = """
import importlib, sys
for line in sys.stdin:
    module, name = line.split()
    try:
        getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        print(module, name)
"""


def importable() -> list[tuple[str, str]]:
    """Return the old names that one can write after `from … import`."""
    names = []
    for name in table().names:
        owner, _, last = name.rpartition(".")
        if owner and not any(part[:1].isupper() for part in owner.split(".")):
            names.append((owner, last))
    return names


def new_names(look) -> dict[str, str]:  # type: ignore[no-untyped-def]
    """Return what `from … import` of each old name is rewritten to."""
    found = look("".join(f"from {owner} import {name}\n" for owner, name in importable()))
    edits = {finding.name: edits_of(finding) for finding in found.findings}
    return {name: changes[0].text for name, changes in edits.items() if changes}


@pytest.mark.slow
@pytest.mark.parametrize("first", ["", "import erlen.as_flask"], ids=["flask", "erlen"])
def test_what_is_written_exists(look, first: str) -> None:  # type: ignore[no-untyped-def]
    new = new_names(look)
    assert len(new) > 150
    lines = [
        " ".join(name.rpartition(".")[::2]) for name in set(new.values()) if not name.startswith("flask_")
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{first}\n{LOOK_FOR_EACH}"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_what_is_written_is_not_old_itself(look) -> None:  # type: ignore[no-untyped-def]
    assert {new for new in new_names(look).values() if table().record_of(new)} == set()
