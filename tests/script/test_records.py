from __future__ import annotations

from pathlib import Path

import pytest

from erlen.script import kept
from erlen.script.records import path_of, recorded, records_of

from .conftest import Project


def test_a_run_is_recorded_with_status_and_duration(project: Project, tmp_path: Path) -> None:
    script = project.write("recycle/a", "")
    with recorded(tmp_path, script, is_dry=True) as record:
        assert [(each.status, each.seconds) for each in records_of(tmp_path, script)] == [(None, None)]
        record.status = 3
    (only,) = records_of(tmp_path, script)
    assert (only.status, only.is_dry, only.user != "", only.seconds is not None) == (3, True, True, True)


def test_the_last_fifty_are_kept(project: Project, tmp_path: Path) -> None:
    script = project.write("recycle/a", "")
    for number in range(60):
        with recorded(tmp_path, script, is_dry=False) as record:
            record.status = number
    assert [each.status for each in records_of(tmp_path, script)] == list(range(10, 60))


@pytest.mark.parametrize(
    "runs", [None, [3], [{}], [{"started": "x"}], "x", [{"started": 3, "user": 1, "is_dry": 1}]]
)
def test_broken_records_are_left_out(project: Project, tmp_path: Path, runs: object) -> None:
    script = project.write("recycle/a", "")
    path_of(tmp_path, script).write_text("{") if runs is None else kept.write(
        path_of(tmp_path, script), {"runs": runs}
    )
    assert records_of(tmp_path, script) == []
    with recorded(tmp_path, script, is_dry=False) as record:
        record.status = 0
    assert [each.status for each in records_of(tmp_path, script)] == [0]


def test_a_full_disk_keeps_nobody_from_running(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "write", full)
    with recorded(tmp_path, project.write("recycle/a", ""), is_dry=False) as record:
        record.status = 0
    assert (
        "recycle.a.json: the run could not be recorded: No space left on device." in capsys.readouterr().err
    )
