"""What reports of commands are made of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erlen import reporting


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", "a b"),
        ("ä", "ä"),
        ("a\nb", "a\\nb"),
        ("\x1b[0m", "\\x1b[0m"),
        ("\u202e", "\\u202e"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text: str, expected: str) -> None:
    assert reporting.printable(text) == expected


def test_a_path_is_shown_from_its_folder_and_on_one_line(tmp_path: Path) -> None:
    assert reporting.shown_path(tmp_path / "a\nb", tmp_path) == "a\\nb"
    assert reporting.shown_path(Path("/elsewhere"), tmp_path) == "/elsewhere"
    assert reporting.from_folder(tmp_path / "a\nb", tmp_path) == "a\nb"


def test_a_line_is_printed_in_every_encoding(capfd: pytest.CaptureFixture[str]) -> None:
    reporting.say(f"a {os.fsdecode(bytes([255]))}")
    reporting.say("b", err=True)
    assert capfd.readouterr() == ("a \\udcff\n", "b\n")


def test_an_annotation_has_a_place_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inside = reporting.annotation("error", "50%", title="a:b", path=tmp_path / "a,b.py", line=3)
    assert inside == "::error file=a%2Cb.py,line=3,title=a%3Ab::50%25"
    assert reporting.annotation("notice", "x\n::error::", title="a") == "::notice title=a::x\\n::error::"
