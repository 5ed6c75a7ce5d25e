"""What was tried comes with Erlen, and is read as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from erlen.doctor.matrix import FILE, Run, load


def test_the_file_that_comes_with_erlen_is_read() -> None:
    found = load()
    assert len(found) > 100
    assert found["flask-login"][0].what == "suite"
    assert found["flask-login"][0].flask > 100


@pytest.mark.parametrize("name", json.loads(FILE.read_text(encoding="utf-8")))
def test_the_most_telling_run_comes_first(name: str) -> None:
    order = ("suite", "application", "imports", "installation")
    runs = [order.index(run.what) for run in load()[name] if not run.legacy]
    assert runs == sorted(runs)


def test_a_run_has_what_was_written(tmp_path: Path) -> None:
    written = {
        "version": "1.0",
        "python": "3.11.7",
        "what": "suite",
        "flask": 10,
        "wsgi": 9,
        "asgi": None,
        "legacy": "",
        "date": "2026-11-29",
        "losses": ["by WSGI: test_it: why"],
    }
    file = tmp_path / "matrix.json"
    file.write_text(json.dumps({"flask-a": [written]}))
    assert load(file) == {
        "flask-a": [Run("1.0", "3.11.7", "suite", 10, 9, None, "", "2026-11-29", ("by WSGI: test_it: why",))]
    }
