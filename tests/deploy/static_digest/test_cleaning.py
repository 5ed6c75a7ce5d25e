"""The way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from erlen.deploy.static_digest.cleaning import clean, clean_old
from erlen.deploy.static_digest.manifest import ManifestError, read

from .folders import LONG, listing, names, run, write


def test_everything_that_was_written_is_removed_and_nothing_else(static: Path) -> None:
    write(static, css__app_css_gz="mine", css__x_css=LONG)
    (static / "css/mine-0123456789abcdef0123.css").write_text("mine, whatever it is called")
    before = listing(static)
    run(static)
    (static / "css/app.css").write_text("new")
    run(static)
    assert clean(str(static)) == 7
    assert listing(static) == before


@pytest.mark.parametrize("content", [None, "", "{"])
def test_it_works_without_a_manifest_that_can_be_read(static: Path, content: str | None) -> None:
    before = listing(static)
    run(static)
    (static / "static-digest.json").unlink()
    if content is not None:
        (static / "static-digest.json").write_text(content)
    assert clean(str(static)) == 3
    assert listing(static) == before


def test_what_an_interrupted_run_left_is_removed(static: Path) -> None:
    before = listing(static)
    (static / ".static-digest-1-00").write_text("half")
    assert clean(str(static)) == 0
    assert listing(static) == before


def test_nothing_outside_is_removed(static: Path, tmp_path: Path) -> None:
    version = names(static)["css/app.css"].rpartition("/")[2]
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / version).write_text(LONG)
    (static / "css").rename(tmp_path / "css")
    (static / "css").symlink_to(tmp_path / "elsewhere")
    clean(str(static))
    assert (tmp_path / "elsewhere" / version).exists()


def test_old_versions_can_be_removed_alone(static: Path) -> None:
    old = names(static)["css/app.css"]
    (static / "css/app.css").write_text(LONG + "new")
    new = names(static)
    assert clean_old(str(static)) == 1
    assert not [name for name in listing(static) if name.startswith(old)]
    assert {*new.values(), f"{new['css/app.css']}.gz"} <= listing(static)
    assert read(str(static)).names == new
    assert set(read(str(static)).versions) == set(new.values())
    assert clean_old(str(static)) == 0


def test_what_is_old_is_not_known_without_a_manifest(static: Path) -> None:
    run(static)
    files = listing(static)
    (static / "static-digest.json").write_text("{")
    with pytest.raises(ManifestError):
        clean_old(str(static))
    assert listing(static) == files
    (static / "static-digest.json").unlink()
    with pytest.raises(FileNotFoundError):
        clean_old(str(static))
