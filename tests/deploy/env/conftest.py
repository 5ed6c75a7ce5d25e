"""A folder to work in, from which no environment file has been read yet."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from erlen import environment_files


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(environment_files, "_files", [])
    monkeypatch.setattr(environment_files, "_loads", [])
    monkeypatch.chdir(tmp_path)
    # It warns of each line that it cannot read.
    monkeypatch.setattr(logging.getLogger("dotenv.main"), "disabled", True)
    environ = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("FLASK_", "ERLEN_", "GIT_"))]:
        del os.environ[name]
    yield tmp_path
    os.environ.clear()
    os.environ.update(environ)


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()
