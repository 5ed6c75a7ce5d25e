"""What environment files set, which file set it, and what changes when they are read anew."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

import pytest

import erlen.config
from erlen import environment_files
from erlen.environment_files import load, load_again, load_env


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Path]:
    """An empty folder, in which nothing has been read yet."""
    monkeypatch.setattr(environment_files, "_files", [])
    monkeypatch.setattr(environment_files, "_loads", [])
    monkeypatch.chdir(tmp_path)
    environ = dict(os.environ)
    os.environ.pop("FLASK_SKIP_DOTENV", None)
    yield tmp_path
    os.environ.clear()
    os.environ.update(environ)


def values(*names: str) -> list[str | None]:
    return [os.environ.get(name) for name in names]


def test_a_value_that_no_environment_can_hold_is_named_with_its_file() -> None:
    Path(".env").write_bytes(b"SHOP_COLOUR=dark\0red\n")
    with pytest.raises(ValueError, match=r"SHOP_COLOUR in \.env has a NUL"):
        erlen.config.load_env()
    assert values("SHOP_COLOUR") == [None]


# load_env, for the files that servers start


def test_a_program_reads_its_file() -> None:
    Path(".env").write_text("SHOP_COLOUR='dark red'\n")
    assert erlen.config.load_env()
    assert values("SHOP_COLOUR") == ["dark red"]


def test_what_is_set_already_stays(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("SHOP_COLOUR", "green")
    Path("shop.env").write_text("SHOP_COLOUR=red\nSHOP_NAME=x\n")
    assert load_env(folder / "shop.env")
    assert values("SHOP_COLOUR", "SHOP_NAME") == ["green", "x"]


def test_a_file_that_is_not_there_is_left_out() -> None:
    assert not load_env()
    assert not load_env("elsewhere/.env")


def test_files_above_are_not_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SHOP_COLOUR=red\n")
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert not load_env()


def test_they_can_be_left_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SHOP_COLOUR=red\n")
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")
    assert not load_env()
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "0")
    assert load_env()


def test_without_python_dotenv_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dotenv", None)
    assert not load_env()
    Path(".env").write_text("SHOP_COLOUR=red\n")
    with pytest.raises(ImportError, match=r"'\.env' is not read.*erlen\[dotenv\]"):
        load_env()


def test_a_folder_or_a_link_to_nowhere_is_an_error() -> None:
    Path(".env").mkdir()
    with pytest.raises(IsADirectoryError):
        load_env()
    Path("link").symlink_to("nowhere")
    with pytest.raises(FileNotFoundError):
        load_env("link")


# what the files may be


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"\xef\xbb\xbfSHOP_COLOUR=red\n", "red"),
        (b"\xef\xbb\xbf\r\nSHOP_COLOUR=red\r\n", "red"),
        (b"A=1\r\nSHOP_COLOUR=red\r\n", "red"),
        (b"SHOP_COLOUR='dark\nred'\n", "dark\nred"),
        (b"export SHOP_COLOUR=red # as ever", "red"),
        (b"SHOP_COLOUR=green\nSHOP_COLOUR=red\n", "red"),
        (b"SHOP_COLOUR", None),
    ],
    ids=["mark", "mark and CRLF", "CRLF", "over lines", "export", "twice", "without a value"],
)
def test_a_file_of_each_kind(text: bytes, value: str | None) -> None:
    Path(".env").write_bytes(text)
    load(None, True)
    assert values("SHOP_COLOUR") == [value]
    assert "\ufeffSHOP_COLOUR" not in os.environ


def test_a_folder_of_the_name_is_mentioned_and_the_file_above_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".env").write_text("SHOP_COLOUR=red\n")
    Path("below/.env").mkdir(parents=True)
    monkeypatch.chdir("below")
    assert load(None, True)
    assert values("SHOP_COLOUR") == ["red"]
    assert "below/.env' is a folder, and not read." in capsys.readouterr().err


def test_an_environment_of_python_of_the_name_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    Path(".env").mkdir()
    Path(".env/pyvenv.cfg").touch()
    assert not load(None, True)
    assert capsys.readouterr().err == ""


# which file it was


def test_it_is_known_which_file_set_a_variable(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("BY_HAND", "1")
    (folder / "given").write_text("BY_HAND=0\nGIVEN=1\n")
    (folder / ".env").write_text("BY_HAND=0\nGIVEN=0\nOWN=1\n")
    (folder / ".flaskenv").write_text("GIVEN=0\nOWN=0\nSHARED=1\n")
    assert load("given", True)
    names = ("BY_HAND", "GIVEN", "OWN", "SHARED", "NOWHERE")
    assert values(*names) == ["1", "1", "1", "1", None]
    sources = [environment_files.source_of(name) for name in names]
    assert sources == [None, "--env-file", ".env", ".flaskenv", None]


def test_what_a_program_changed_later_is_no_files(folder: Path) -> None:
    (folder / ".env").write_text("OWN=1\n")
    load(None, True)
    os.environ["OWN"] = "2"
    assert environment_files.source_of("OWN") is None


def test_one_line_tells_names_and_no_values(folder: Path) -> None:
    assert environment_files.summary() is None
    (folder / ".env").write_text("OWN=hidden\nOTHER=hidden\n'W\x1b[31m'=hidden\n")
    (folder / ".flaskenv").write_text("OWN=hidden\n")
    load(None, True)
    told = environment_files.summary()
    assert told == r"Environment: .env (OWN, OTHER, 'W\x1b[31m'), .flaskenv (nothing new)"


def test_the_line_is_not_longer_than_a_few_names(folder: Path) -> None:
    (folder / ".env").write_text("".join(f"V{number}=1\n" for number in range(40)))
    load(None, True)
    assert str(environment_files.summary()).endswith("V10, V11, and 28 more)")


# reading anew


def test_what_changed_in_a_file_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment had before still goes first; what is in no file any more is gone."""
    monkeypatch.setenv("BY_HAND", "1")
    (folder / ".env").write_text("BY_HAND=0\nOWN=1\nGONE=1\n")
    load(None, True)
    (folder / ".env").write_text("BY_HAND=0\nOWN=2\nNEW=2\n")
    load_again(folder)
    assert values("BY_HAND", "OWN", "GONE", "NEW") == ["1", "2", None, "2"]
    load_again(folder)
    assert values("BY_HAND", "OWN", "GONE", "NEW") == ["1", "2", None, "2"]


def test_references_to_other_variables_are_read_as_the_first_time(folder: Path) -> None:
    (folder / ".flaskenv").write_text("ONE=1\n")
    (folder / ".env").write_text("TWO=<${ONE}>\n")
    load(None, True)
    first = values("ONE", "TWO")
    load_again(folder)
    assert values("ONE", "TWO") == first


def test_files_that_come_and_go_are_noticed(folder: Path) -> None:
    load(None, True)
    (folder / ".env").write_text("OWN=1\n")
    load_again(folder)
    assert values("OWN") == ["1"]
    (folder / ".env").unlink()
    load_again(folder)
    assert values("OWN") == [None]


def test_they_are_looked_for_where_a_link_leads_now(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for release in ("1", "2"):
        (folder / release).mkdir()
        (folder / release / ".env").write_text(f"OWN={release}\n")
        (folder / release / "given").write_text(f"GIVEN={release}\n")
    (folder / "current").symlink_to("1")
    monkeypatch.chdir("current")
    load("given", True)
    (folder / "current").unlink()
    (folder / "current").symlink_to("2")
    load_again(folder / "current")
    assert values("OWN", "GIVEN") == ["2", "2"]


@pytest.mark.parametrize("bad", [b"OWN=2\nNEW=\xff\n", b"OWN=2\n'A=B'=c\n"])
def test_if_a_file_cannot_be_read_the_environment_stays_as_it_was(folder: Path, bad: bytes) -> None:
    (folder / ".env").write_text("OWN=1\n")
    load(None, True)
    before, files = dict(os.environ), environment_files.files_read()
    (folder / ".env").write_bytes(bad)
    with pytest.raises(ValueError):  # noqa: PT011  # the message is Python's
        load_again(folder)
    assert (dict(os.environ), environment_files.files_read()) == (before, files)
    (folder / ".env").write_text("OWN=3\n")
    load_again(folder)
    assert values("OWN") == ["3"]


def test_what_a_program_set_over_a_file_stays(folder: Path) -> None:
    (folder / ".env").write_text("OWN=1\n")
    load(None, True)
    os.environ["OWN"] = "mine"
    load_again(folder)
    assert values("OWN") == ["mine"]
