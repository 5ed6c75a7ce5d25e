"""The units of the backup."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from erlen.deploy.targets.host import backup
from erlen.deploy.targets.quoting import Unquotable
from tests.deploy.machine.nspawn import needs_program
from tests.deploy.targets.sites import site


def test_systemd_has_nothing_to_say_against_them(tmp_path: Path) -> None:
    needs_program("systemd-analyze")
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_bytes(Path("/bin/true").read_bytes())
    program.chmod(0o755)
    made = site(environment=str(tmp_path))
    paths = []
    for ending, text in (("service", backup.service(made)), ("timer", backup.timer(made))):
        paths.append(tmp_path / f"shop-backup.{ending}")
        paths[-1].write_text(text)
    told = subprocess.run(["systemd-analyze", "verify", "--man=no", *paths], capture_output=True, text=True)
    assert (told.stdout, told.stderr) == ("", "")
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=30", paths[0]]
    assert subprocess.run(words, capture_output=True).returncode == 0


def test_it_may_write_to_the_data_and_to_the_backups() -> None:
    lines = backup.service(site(folder="/srv/my shop/current")).splitlines()
    assert 'ReadWritePaths="/srv/my shop/shared/instance"' in lines
    assert 'ReadWritePaths="/srv/my shop/backups"' in lines


def test_what_a_unit_cannot_hold_is_refused() -> None:
    with pytest.raises(Unquotable):
        backup.service(site(folder="/srv/a\nUser=root/current"))
