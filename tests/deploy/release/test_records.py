"""What is remembered of a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from erlen.deploy.release import records
from erlen.deploy.release.records import NAME, Record


@pytest.mark.parametrize(
    "record",
    [
        Record("begun"),
        Record("served", "the folder x", "20260101T000000Z"),
        Record("complete", "a\n'b'\udcff"),
    ],
    ids=["begun", "served", "odd names"],
)
def test_a_record_comes_back(record: Record, tmp_path: Path) -> None:
    records.write(tmp_path, Record("begun"))
    (tmp_path / f"{NAME}.new").write_text("left by a run that was killed")
    records.write(tmp_path, record)
    assert records.read(tmp_path) == record
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_release_that_was_made_by_other_means_counts_as_one_that_served(tmp_path: Path) -> None:
    assert records.read(tmp_path) == Record("served")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"state": "fine", "source": "", "previous": null}',
        b'{"state": ["served"], "source": "", "previous": null}',
        b'{"state": "served", "source": 1, "previous": null}',
        b'{"state": "served", "source": "", "previous": 7}',
        b"[" * 100_000,
    ],
    ids=lambda text: text[:20].decode("latin-1"),
)
def test_a_record_that_cannot_be_read_is_of_a_release_that_is_not_complete(
    text: bytes, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_bytes(text)
    assert records.read(tmp_path) == Record("begun")


def test_a_folder_in_its_place_is_no_record(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    assert records.read(tmp_path) == Record("begun")
