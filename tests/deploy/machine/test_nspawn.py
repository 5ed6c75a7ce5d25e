"""The machine that tests boot is one, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.machine.nspawn import boot, needs_machine

pytestmark = [pytest.mark.slow, pytest.mark.servers]

UNIT = """\
[Service]
Type=oneshot
RemainAfterExit=yes
User=nobody
RuntimeDirectory=tried
ExecStart=/bin/sh -c 'id -un >/run/tried/user'
"""


def places() -> set[Path]:
    """Return what a machine could leave behind: mounts, cgroups, files."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    folders = [*Path("/sys/fs/cgroup").glob("*/erlen-*"), *Path("/tmp").glob("erlen-*")]
    return {*map(Path, mounts), *folders, *Path("/run/systemd/nspawn").glob("**/erlen-*")}


def test_a_machine_runs_units_and_commands_and_leaves_nothing_behind(tmp_path: Path) -> None:
    needs_machine()
    before = places()
    with boot() as machine:
        machine.write("/etc/systemd/system/tried.service", UNIT)
        machine.run("systemctl", "start", "tried")
        assert machine.read("/run/tried/user") == "nobody\n"
        assert machine.path("/run/tried/user").read_text() == "nobody\n"

        assert machine.run(
            "id -un && pwd && echo $GREETING", user="nobody", env={"GREETING": "Hi"}, cwd="/srv"
        ).stdout == ("nobody\n/srv\nHi\n")
        assert machine.run("cat", "-", stdin="said").stdout == "said"
        assert machine.run("exit 3", check=False).returncode == 3
        with pytest.raises(AssertionError, match="exit 3 ended with 3"):
            machine.run("exit 3")

        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").write_text("copied")
        machine.copy(tmp_path / "folder", "/srv/there/folder")
        assert machine.read("/srv/there/folder/file") == "copied"
        assert not machine.path(str(tmp_path)).exists()
        # The network is its own: nothing but loopback.
        assert machine.run("ls /sys/class/net").stdout.split() == ["lo"]
        leader = machine.leader
        running = machine.start("sleep", "1000")
    assert running.wait(10) != 0
    assert not Path(f"/proc/{leader}").exists()
    assert not Path("/etc/systemd/system/tried.service").exists()
    assert places() == before


def test_two_machines_do_not_share_their_services() -> None:
    needs_machine()
    with boot() as one, boot() as other:
        one.run("systemd-run", "--unit=slow", "sleep", "1000")
        other.run("systemd-run", "--unit=slow", "sleep", "1000")
        one.run("systemctl", "stop", "slow")
        assert other.run("systemctl", "is-active", "slow").stdout == "active\n"


def test_a_machine_that_cannot_boot_says_why(tmp_path: Path) -> None:
    needs_machine()
    before = places()
    with (
        pytest.raises(AssertionError, match=r"does not boot:[^$]*no-such-option"),
        boot("basic.target", "--no-such-option"),
    ):
        pass
    assert places() == before
