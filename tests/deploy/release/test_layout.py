"""The folders of a site."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from erlen.deploy.release import records
from erlen.deploy.release.errors import USAGE, ReleaseError
from erlen.deploy.release.layout import Layout, remove
from erlen.deploy.release.records import Record

NOW = datetime(2026, 11, 29, 23, 15, 0, tzinfo=timezone.utc)
A, B, C = "20260101T000000Z", "20260102T000000Z", "20260103T000000Z"


def made(layout: Layout, name: str, record: Record | None = None) -> None:
    layout.folder(name).mkdir()
    if record is not None:
        records.write(layout.folder(name), record)


@pytest.mark.parametrize(
    "name", ["a'b", 'a"b', "a$b", "a`b", "a\nb", "a:b", "a%b", "a;b", "a\\b", "a\x1b[2J"]
)
def test_a_path_that_scripts_cannot_have_in_them_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(ReleaseError, match="use letters, digits") as raised:
        Layout(tmp_path / name)
    assert raised.value.status == USAGE
    assert raised.value.message.isprintable()


@pytest.mark.parametrize("name", ["my shop", "shop@2", "läden", "a+b,c~d-e_f.g"])
def test_a_path_may_have_spaces_and_letters_of_all_languages(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    assert Layout(tmp_path / name).releases == tmp_path / name / "releases"


def test_what_is_in_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="is no folder"):
        Layout(tmp_path / "gone")
    (tmp_path / "releases").touch()
    with pytest.raises(ReleaseError, match="releases has to be a folder"):
        Layout(tmp_path)
    (tmp_path / "releases").unlink()
    (tmp_path / "shared").symlink_to("nowhere")
    with pytest.raises(ReleaseError, match="shared has to be a folder"):
        Layout(tmp_path)
    (tmp_path / "shared").unlink()
    (tmp_path / "current").mkdir()
    with pytest.raises(ReleaseError, match="current is no link"):
        Layout(tmp_path)


# names


def test_a_name_is_the_time_and_comes_after_all_others(layout: Layout) -> None:
    assert layout.next_name(NOW) == "20261129T231500Z"
    made(layout, "20261129T231500Z")
    assert layout.next_name(NOW) == "20261129T231500Z-2"
    made(layout, "20261129T231500Z-9")
    made(layout, "20261129T231500Z-10.failed")
    assert layout.next_name(NOW) == "20261129T231500Z-11"
    # The clock was set back.
    made(layout, "20270101T000000Z")
    assert layout.next_name(NOW) == "20270101T000000Z-2"


def test_only_folders_with_such_names_are_releases(layout: Layout) -> None:
    made(layout, "20261129T231500Z-10")
    made(layout, "20261129T231500Z-9")
    made(layout, "20261129T231500Z")
    for name in ("old", "20261129T231500Z.failed", "20261129T231500", ".new-1", "20261129T231500Z-", "a\nb"):
        made(layout, name)
    layout.folder("20271129T231500Z").touch()
    layout.folder("20281129T231500Z").symlink_to("old")
    assert layout.names() == ["20261129T231500Z", "20261129T231500Z-9", "20261129T231500Z-10"]


def test_a_new_release_is_known_as_one_that_is_not_complete(layout: Layout) -> None:
    name = layout.begin("the folder x", NOW)
    assert layout.record(name) == Record("begun", "the folder x")
    assert layout.folder(name).stat().st_mode & 0o777 == 0o755


# current


def test_the_link_is_switched_in_one_step(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    made(layout, A)
    made(layout, B)
    assert layout.link() is None
    assert layout.current_name() is None
    layout.switch(f"releases/{A}")
    assert (layout.link(), layout.current_name()) == (f"releases/{A}", A)
    (layout.root / f".new-{os.getpid()}").symlink_to("left by a run that was killed")
    replaced = []
    replace = os.replace
    monkeypatch.setattr(
        os, "replace", lambda *paths: (replaced.append(layout.current_name()), replace(*paths))
    )
    layout.switch(f"releases/{B}")
    assert (layout.link(), layout.current_name()) == (f"releases/{B}", B)
    # Until the one call that replaces it, the old one counts.
    assert replaced == [A]
    layout.switch(None)
    assert layout.link() is None
    assert sorted(path.name for path in layout.root.iterdir()) == ["releases", "shared"]


@pytest.mark.parametrize(
    "target", ["nowhere", "releases/gone", "/", "shared", "releases", "releases/../shared"]
)
def test_a_link_to_something_else_is_no_release(target: str, layout: Layout) -> None:
    layout.switch(target)
    assert layout.current_name() is None
    assert layout.link() == target


def test_the_link_may_be_absolute(layout: Layout) -> None:
    made(layout, A)
    layout.switch(str(layout.folder(A)))
    assert layout.current_name() == A


# the way back


@pytest.mark.parametrize(
    ("record", "previous"),
    [
        (Record("served", "", A), A),
        (Record("served", "", None), B),  # the youngest that has served
        (Record("served", "", "20250101T000000Z"), B),  # it has been removed
        (Record("served", "", "../../etc"), B),
        (None, B),
    ],
    ids=["it is remembered", "not remembered", "removed", "no name", "no record"],
)
def test_the_release_before_another_one(record: Record | None, previous: str, layout: Layout) -> None:
    made(layout, A, Record("served"))
    made(layout, B)
    made(layout, "20260102T000000Z-2", Record("complete"))
    made(layout, "20260102T000000Z-3", Record("begun"))
    made(layout, C, record)
    made(layout, "20260104T000000Z", Record("served"))
    assert layout.previous_of(C) == previous
    assert layout.previous_of(A) is None


# tidying up


def test_what_failed_and_what_was_killed_is_removed(layout: Layout) -> None:
    made(layout, A)
    made(layout, B, Record("begun"))
    made(layout, C, Record("complete"))
    made(layout, "20260104T000000Z.failed", Record("begun"))
    made(layout, ".new-77")
    made(layout, "mine.failed")
    (layout.folder(B) / "instance").symlink_to("../../shared/instance")
    (layout.shared / "instance" / "precious").touch()
    (layout.root / ".new-88").symlink_to("releases")
    assert layout.tidy() == [".new-77", B, "20260104T000000Z.failed"]
    assert sorted(os.listdir(layout.releases)) == [A, C, "mine.failed"]
    assert sorted(os.listdir(layout.root)) == ["releases", "shared"]
    assert (layout.shared / "instance" / "precious").exists()
    assert layout.tidy() == []


def test_what_serves_is_not_removed_whatever_its_record_says(layout: Layout) -> None:
    made(layout, A, Record("begun"))
    layout.switch(f"releases/{A}")
    assert layout.tidy() == []


def test_a_release_that_failed_is_put_aside(layout: Layout) -> None:
    made(layout, A)
    assert layout.put_aside(A) == layout.releases / f"{A}.failed"
    assert layout.names() == []


def test_a_link_is_removed_and_not_what_it_leads_to(layout: Layout) -> None:
    layout.folder(A).symlink_to(layout.shared)
    remove(layout.folder(A))
    assert layout.shared.is_dir()
