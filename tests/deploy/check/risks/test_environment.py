"""The line of an environment file that has set a variable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erlen import environment_files
from erlen.deploy.check.finding import Place
from erlen.deploy.check.risks.environment import place_of_variable, text_of, values_in


def test_the_last_line_of_the_file_that_has_set_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n\nSHOP=old\nexport SHOP='new'\n")
    read = environment_files.EnvironmentFile(str(file), ".env", {"SHOP": "new"})
    monkeypatch.setattr(environment_files, "_files", [read])
    monkeypatch.setenv("SHOP", "new")
    assert place_of_variable("SHOP") == Place(file, 4)
    assert place_of_variable("A") is None
    monkeypatch.setenv("SHOP", "of the shell")
    assert place_of_variable("SHOP") is None


def test_values_have_their_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfA=1\n# B=2\nB=\nC='\xff'\nbroken 'x\n")
    assert [(each.name, line) for each, line in values_in(file)] == [("A", 1), ("C", 4)]


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "large"])
def test_a_file_that_is_none_has_no_text(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        path.write_bytes(b"A=1\n" * 300_000)
    assert text_of(path) == ""
