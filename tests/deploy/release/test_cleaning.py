"""Old releases are removed, and none that is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.deploy.release import cleaning, records
from erlen.deploy.release.cleaning import clean, old, used_releases
from erlen.deploy.release.layout import Layout
from erlen.deploy.release.records import Record

NAMES = [f"2026010{number}T000000Z" for number in range(1, 7)]


@pytest.fixture
def site(layout: Layout) -> Layout:
    for before, name in zip([None, *NAMES], NAMES, strict=False):
        layout.folder(name).mkdir()
        records.write(layout.folder(name), Record("served", "", before))
    layout.switch(f"releases/{NAMES[-1]}")
    return layout


@pytest.mark.parametrize(
    ("keep", "current", "gone"),
    [
        (6, 5, []),
        (5, 5, [0]),
        (3, 5, [0, 1, 2]),
        (1, 5, [0, 1, 2, 3]),  # the one before is for a rollback
        (2, 1, [2, 3]),  # after a rollback: the current one, the one before, and the two youngest
        (1, 0, [1, 2, 3, 4]),
    ],
)
def test_the_oldest_are_not_needed(keep: int, current: int, gone: list[int], site: Layout) -> None:
    site.switch(f"releases/{NAMES[current]}")
    assert old(site, keep) == [NAMES[index] for index in gone]


def test_they_are_removed_and_what_they_link_to_is_not(site: Layout) -> None:
    (site.folder(NAMES[0]) / "instance").symlink_to("../../shared/instance")
    (site.shared / "instance" / "precious").touch()
    assert clean(site, 4) == (NAMES[:2], [], [])
    assert site.names() == NAMES[2:]
    assert (site.shared / "instance" / "precious").exists()


def test_a_release_that_a_process_runs_from_stays(site: Layout) -> None:
    program = shutil.which("sleep")
    assert program is not None
    link = site.folder(NAMES[0]) / "sleep"
    link.symlink_to(program)
    ways = (
        ([str(link), "60"], None),  # its command line
        ([program, "60"], site.folder(NAMES[1])),  # its folder
    )
    running = [subprocess.Popen(words, cwd=folder) for words, folder in ways]
    try:
        assert used_releases(site.releases) == {NAMES[0], NAMES[1]}
        assert clean(site, 3) == ([NAMES[2]], NAMES[:2], [])
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert clean(site, 3).removed == NAMES[:2]


def test_a_mapped_file_of_a_release_counts(site: Layout) -> None:
    path = site.folder(NAMES[0]) / "mapped"
    path.write_bytes(b"x" * 4096)
    # By a path that is not the release's: the command line does not tell.
    code = "import mmap, sys; f = open(sys.argv[1], 'r+b'); m = mmap.mmap(f.fileno(), 0); f.close()"
    code += "; print(flush=True); input()"
    words = [sys.executable, "-c", code, os.path.relpath(path, site.root)]
    with subprocess.Popen(words, cwd=site.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert used_releases(site.releases) == {NAMES[0]}
        process.kill()


def test_what_cannot_be_removed_is_told(site: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(cleaning, "remove", refuse)
    told = clean(site, 5)
    assert told.removed == []
    assert NAMES[0] in told.problems[0]
    assert "run this as root" in told.problems[0]
