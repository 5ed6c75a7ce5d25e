"""A name that is replaced at its Flask path is the name that gets used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PATCHES = Path(__file__).with_name("patches.py")


def _effects(framework: str) -> dict[str, bool | str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK", "ERLEN"))}
    done = subprocess.run(
        [sys.executable, str(PATCHES)],
        env=outside | ({"ERLEN_AS_FLASK": "1"} if framework == "erlen" else {}),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _without_effect(effects: dict[str, bool | str]) -> dict[str, bool | str]:
    return {name: told for name, told in effects.items() if told is not True}


@pytest.mark.slow
def test_what_is_patched_here_takes_effect_on_flask() -> None:
    effects = _effects("flask")
    assert len(effects) > 130
    assert _without_effect(effects) == {}


@pytest.mark.slow
def test_what_takes_effect_on_flask_takes_effect_on_erlen() -> None:
    assert _without_effect(_effects("erlen")) == {}
