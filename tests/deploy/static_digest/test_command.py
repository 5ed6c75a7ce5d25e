"""The commands."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from erlen import Blueprint, Erlen
from erlen.cli import FlaskGroup
from erlen.deploy.static_digest.command import folders_of
from erlen.deploy.static_digest.manifest import read

from .folders import LONG, app_in, listing, write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(app: Erlen, *words: str) -> Result:
    return CliRunner().invoke(FlaskGroup(create_app=lambda: app), ["static", *words])


def test_a_run_says_what_there_is(tmp_path: Path, static: Path) -> None:
    app = app_in(tmp_path)
    first = call(app, "digest")
    assert first.stdout == "static: 3 files, 3 new; copies: 1 for gzip, 1 for brotli, 1 for zstd.\n"
    assert (first.stderr, first.exit_code) == ("", 0)
    assert call(app, "digest").stdout.startswith("static: 3 files, 0 new;")


def test_the_folders_of_blueprints_are_digested_too(tmp_path: Path, static: Path) -> None:
    write(tmp_path / "blog/static", post_css=LONG)
    result = call(app_in(tmp_path), "digest")
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == ["static", "blog/static"]
    assert (tmp_path / "blog/static/static-digest.json").exists()


def test_after_it_a_new_application_has_the_names(tmp_path: Path, static: Path) -> None:
    call(app_in(tmp_path), "digest")
    app = app_in(tmp_path)
    with app.test_request_context():
        url = app.url_for("static", filename="css/app.css")
    response = app.test_client().get(url, headers={"Accept-Encoding": "br"}, buffered=True)
    assert response.headers["Content-Encoding"] == "br"
    assert "immutable" in response.headers["Cache-Control"]


def test_in_debug_mode_names_stay(tmp_path: Path, static: Path) -> None:
    call(app_in(tmp_path), "digest")
    for key, url in ((None, "/static/js/app.js"), (True, f"/static/{read(str(static)).names['js/app.js']}")):
        app = app_in(tmp_path, DEBUG=True, STATIC_DIGEST=key)
        with app.test_request_context():
            assert app.url_for("static", filename="js/app.js") == url


@pytest.mark.parametrize(
    ("options", "suffixes"),
    [
        ([], {".gz", ".br", ".zst"}),
        (["--no-gzip"], {".br", ".zst"}),
        (["--no-brotli", "--no-zstd"], {".gz"}),
        (["--no-gzip", "--no-brotli", "--no-zstd"], set()),
    ],
)
def test_copies_can_be_chosen(tmp_path: Path, static: Path, options: list[str], suffixes: set[str]) -> None:
    assert call(app_in(tmp_path), "digest", *options).exit_code == 0
    assert {Path(name).suffix for name in listing(static)} - {".css", ".js", ".png", ".json"} == suffixes


def test_what_is_not_installed_is_told_once(
    tmp_path: Path, static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("brotli", "zstandard", "compression.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    result = call(app_in(tmp_path), "digest")
    assert result.stdout == "static: 3 files, 3 new; copies: 1 for gzip.\n"
    assert (
        result.stderr == "No copies for brotli and zstd: they need packages, pip install 'erlen[static]'.\n"
    )
    assert call(app_in(tmp_path), "digest", "--no-brotli", "--no-zstd").stderr == ""
    wanted = call(app_in(tmp_path), "digest", "--zstd")
    assert wanted.exit_code == 1
    assert "pip install 'erlen[static]'" in wanted.stderr


@pytest.mark.parametrize(
    ("config", "options", "names"),
    [
        (["*.css"], [], {"img/logo.png", "js/app.js"}),
        (None, ["--exclude", "*.css", "--exclude", "js/*"], {"img/logo.png"}),
        (("*.css",), ["--exclude", "*.js"], {"img/logo.png"}),
    ],
)
def test_files_can_be_excluded(
    tmp_path: Path, static: Path, config: t.Any, options: list[str], names: set[str]
) -> None:
    call(app_in(tmp_path, STATIC_DIGEST_EXCLUDE=config), "digest", *options)
    assert set(read(str(static)).names) == names


@pytest.mark.parametrize("value", ["*.css", [1], [None]])
def test_a_key_that_is_no_list_of_patterns_is_an_error(tmp_path: Path, static: Path, value: t.Any) -> None:
    result = call(app_in(tmp_path, STATIC_DIGEST_EXCLUDE=value), "digest")
    assert result.exit_code == 1
    assert "STATIC_DIGEST_EXCLUDE must be a list of patterns" in result.stderr


def test_what_is_left_alone_is_told(tmp_path: Path, static: Path) -> None:
    write(static, a_css="url(none.png)")
    (static / "out.css").symlink_to("/etc/passwd")
    result = call(app_in(tmp_path), "digest")
    assert result.exit_code == 0
    assert result.stderr == (
        "static: 'out.css' is a symbolic link out of the folder: left alone.\n"
        "static: 'a.css' refers to 'none.png', which is not there.\n"
    )


def test_a_folder_that_cannot_be_written_to_is_an_error_and_the_others_are_digested(
    tmp_path: Path, static: Path
) -> None:
    write(tmp_path / "blog/static", post_css=LONG)
    (static / "static-digest.json").mkdir()
    result = call(app_in(tmp_path), "digest")
    assert result.exit_code == 1
    assert result.stderr.startswith("static: [Errno ")
    assert result.stdout.startswith("blog/static: 1 file, 1 new;")


def test_without_a_folder_there_is_nothing_to_do(tmp_path: Path) -> None:
    for command in ("digest", "clean"):
        result = call(app_in(tmp_path), command)
        assert result.exit_code == 1
        assert "Neither the application nor a blueprint has a folder of static files." in result.stderr


def test_a_folder_of_two_is_digested_once(tmp_path: Path, static: Path) -> None:
    app = app_in(tmp_path)
    app.register_blueprint(Blueprint("x", "x", static_folder=str(static), url_prefix="/x"))
    (tmp_path / "blog").mkdir()
    (tmp_path / "blog/static").symlink_to(static)
    assert folders_of(app) == [(str(static), "/static/")]


def test_an_address_with_variables_is_none(tmp_path: Path, static: Path) -> None:
    app = Erlen("shop", root_path=str(tmp_path), static_folder=None)
    blog = Blueprint("b", "b", static_folder="static", url_prefix="/<lang>", root_path=str(tmp_path))
    app.register_blueprint(blog)
    assert folders_of(app) == [(str(static), None)]


def test_everything_can_be_removed(tmp_path: Path, static: Path) -> None:
    app, before = app_in(tmp_path), listing(static)
    call(app, "digest")
    result = call(app, "clean")
    assert result.stdout == "static: 3 files with hashed names removed.\n"
    assert listing(static) == before


def test_old_versions_can_be_removed_alone(tmp_path: Path, static: Path) -> None:
    app = app_in(tmp_path)
    assert call(app, "clean", "--old").stdout == "static: nothing to remove.\n"
    call(app, "digest")
    (static / "js/app.js").write_text("new")
    call(app, "digest")
    assert call(app, "clean", "--old").stdout == "static: 1 file with hashed names removed.\n"
    (static / "static-digest.json").write_text("{")
    broken = call(app, "clean", "--old")
    assert broken.exit_code == 1
    assert "static-digest.json is no JSON" in broken.stderr


def test_a_name_that_is_no_text_does_not_disturb_the_terminal(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff\x1b[0m"
    os.mkdir(folder)
    app = Erlen("shop", root_path=str(tmp_path), static_folder=os.fsdecode(folder), static_url_path="/s")
    assert call(app, "digest").stdout == "\\udcff\\x1b[0m: 0 files, 0 new; copies: none.\n"
