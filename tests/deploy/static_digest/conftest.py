"""A folder of static files."""

from __future__ import annotations

from pathlib import Path

import pytest

from .folders import LONG, write


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    write(folder, css__app_css=LONG, img__logo_png=b"\x89PNG" + bytes(500), js__app_js="alert(1)\n")
    return folder
