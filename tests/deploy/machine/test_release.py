"""Releases on a machine with systemd and nginx: nothing is lost, whatever a release does."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from erlen.deploy.release.cleaning import used_releases
from erlen.deploy.targets import host
from tests.deploy.machine.nspawn import Machine, boot, needs_machine
from tests.deploy.machine.wheels import PYTHON, offline, wheels
from tests.deploy.targets.sites import site
from tests.servers.lost.driver import steady, until
from tests.servers.lost.load import Load
from tests.servers.lost.tally import Fate, Record

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.timeout(240)]

ERLEN = Path(sys.executable).with_name("erlen")
SITE = site(application="hello", has_https=False, domains=(), workers=2, threads=16)
PROGRAM = """\
import os
import time
from flask import Flask
from markupsafe import __file__ as package

VERSION = "{version}"
app = Flask(__name__)
app.secret_key = os.environ.get("SECRET_KEY")


@app.get("/quick")
def quick():
    # The code, the packages, and the variables of the release that answers.
    one = app.root_path == os.getcwd() == package.partition("/.venv/")[0] and bool(app.secret_key)
    return f"{{VERSION if one else 'mixed'}} {{os.getpid()}}"


@app.get("/slow")
def slow():
    time.sleep(0.5)
    return quick()


@app.get("/readyz")
def readyz():
    with open(os.path.join(app.instance_path, "touched"), "a") as file:
        file.write(VERSION)
    return "ready"
"""
FAILS_TO_SERVE = """

@app.before_serving
def fail():
    raise RuntimeError("broken while it starts to serve")
"""


class LoadInside(Load):
    """A load from within the network of a machine."""

    def __init__(self, machine: Machine, port: int) -> None:
        super().__init__(("127.0.0.1", port), rate=60)
        self._network = f"/proc/{machine.leader}/ns/net"

    def _run(self) -> None:
        descriptor = os.open(self._network, os.O_RDONLY)
        try:
            # It is this thread that changes its network, and no other.
            if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0) != 0:
                self._failure = OSError(ctypes.get_errno(), "setns")
                return
        finally:
            os.close(descriptor)
        super()._run()


class Site:
    """A site on a machine, as the script for machines leaves it before the first release."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._folder = wheels()
        (script,) = host.files(SITE)
        machine.run("rm -f /etc/nginx/conf.d/*")
        machine.write("/root/shop.sh", script.text, mode=0o755)
        others = ("packages", "upgrades", "code", "ssh", "firewall", "certificate", "backup")
        machine.run("/root/shop.sh", *(word for step in others for word in ("--without", step)))

    def write_code(self, version: str, more: str = "") -> None:
        self.machine.write("/root/code/hello.py", PROGRAM.format(version=version) + more)
        self.machine.write("/root/code/requirements.txt", "erlen[serve,dotenv]\n")

    def release(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(ERLEN), "--app", "hello", "deploy", "release", "--root", "/srv/shop", *words]
        return self.machine.run(
            *command, env=offline(str(self._folder)), cwd="/root", check=False, timeout=120
        )

    def make_release(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.release("code", "--python", PYTHON, *words)

    def current(self) -> str:
        return os.readlink(self.machine.path("/srv/shop/current"))


@pytest.fixture(scope="module")
def shop() -> Iterator[Site]:
    needs_machine("nginx")
    with boot() as machine:
        yield Site(machine)


def test_nothing_is_lost_but_what_was_under_way_when_it_was_killed(shop: Site) -> None:
    machine = shop.machine
    shop.write_code("one")
    told = shop.make_release()
    assert told.returncode == 0, told.stdout + told.stderr + machine.journal()
    assert "check     erlen check --deploy\n" in told.stdout
    first = shop.current()
    assert "systemctl --no-ask-password start shop" in told.stdout
    with LoadInside(machine, 80) as load:
        assert steady(load, "one"), f"{load.tally}\n{machine.journal()}"

        load.phase = "release"
        shop.write_code("two")
        told = shop.make_release("--ready", "unix:/run/shop/shop.sock")
        assert told.returncode == 0, told.stdout + told.stderr + machine.journal()
        second = shop.current()
        assert steady(load, "two"), machine.journal()
        # The user that serves wrote it.
        assert machine.read("/srv/shop/shared/instance/touched") == "two"

        # The parent of the workers has been running from the first release all the time.
        used = used_releases(Path("/srv/shop/releases"))
        assert {first.removeprefix("releases/"), second.removeprefix("releases/")} <= used

        load.phase = "release that does not serve"
        shop.write_code("four", FAILS_TO_SERVE)
        told = shop.make_release()
        assert (told.returncode, "in the step 'reload'" in told.stderr) == (3, True), told.stderr
        assert f"Switched back: {second} serves on." in told.stderr
        assert shop.current() == second
        assert steady(load, "two"), machine.journal()

        load.phase = "rollback"
        told = shop.release("--rollback")
        assert told.returncode == 0, told.stdout + told.stderr + machine.journal()
        assert shop.current() == first
        assert steady(load, "one"), machine.journal()

        load.phase = "kill"
        began = time.monotonic()
        pid = machine.run("systemctl", "show", "--value", "--property=MainPID", "shop").stdout
        machine.run("systemctl", "kill", "--signal=KILL", "shop")
        gone = time.monotonic()
        assert until(lambda: _main_process(machine) not in (pid, "0\n")), machine.journal()
        assert steady(load, "one"), machine.journal()

        load.phase = "restart"
        machine.run("systemctl", "restart", "shop")
        assert steady(load, "one"), machine.journal()

    def was_killed(record: Record) -> bool:
        under_way = record.began <= gone and record.ended >= began
        return under_way and record.fate in (Fate.WRONG, Fate.RESET, Fate.CUT)

    print(load.tally)
    assert load.tally.lost(was_killed) == [], f"{load.tally}\n{machine.journal()}"
    assert set(load.tally.versions()) == {"one", "two"}


def _main_process(machine: Machine) -> str:
    return machine.run("systemctl", "show", "--value", "--property=MainPID", "shop").stdout


def test_a_unit_that_is_stopped_is_not_started_again_by_its_socket(shop: Site) -> None:
    """So it is when the first release does not serve: there is nothing that it could be started from."""
    machine = shop.machine
    machine.run("systemctl", "start", "shop")
    code = "from erlen.deploy.release.serving import Serving; Serving('shop').stop()"
    machine.run(sys.executable, "-c", code)
    states = machine.run("systemctl", "show", "--value", "--property=ActiveState", "shop.socket", "shop")
    assert states.stdout.split() == ["inactive", "inactive"]


def test_a_full_disk_leaves_what_serves_and_no_half_of_a_release(shop: Site) -> None:
    machine = shop.machine
    machine.run("mkdir", "/srv/small")
    machine.run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", "/srv/small")
    machine.run("mkdir", "-p", "/srv/small/releases/20260101T000000Z", "/srv/small/shared/instance")
    machine.run("ln", "-s", "releases/20260101T000000Z", "/srv/small/current")
    shop.write_code("one")
    told = shop.make_release("--root", "/srv/small")
    assert (told.returncode, "since the disk is full" in told.stdout) == (1, True), told.stderr
    assert machine.run("ls /srv/small/releases").stdout == "20260101T000000Z\n"
    assert machine.run("readlink /srv/small/current").stdout == "releases/20260101T000000Z\n"


def test_a_wheel_has_its_instance_folder_in_what_is_shared(shop: Site, tmp_path: Path) -> None:
    machine = shop.machine
    name, info = "parcel-1-py3-none-any.whl", "parcel-1.dist-info"
    code = "from flask import Flask\napp = Flask(__name__)\nopen(app.instance_path + '/made', 'w').close()\n"
    files = {
        "parcel/__init__.py": code,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: parcel\nVersion: 1\nRequires-Dist: erlen\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{each},,\n" for each in [*files, f"{info}/RECORD"]))
    machine.copy(tmp_path / name, f"/root/{name}")
    machine.run("mkdir", "-p", "/srv/parcel")
    words = ("--root", "/srv/parcel", "--python", PYTHON, "--no-check", "--app", "parcel")
    told = shop.release(name, *words)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "reload    nothing: there is no such unit" in told.stdout
    assert machine.run("ls /srv/parcel/shared/instance").stdout == "made\n"
    # Whoever has no right is told so, and changes nothing.
    program = "/srv/parcel/current/.venv/bin/erlen"
    told = machine.run(
        program, "deploy", "release", "--rollback", "--root", "/srv/parcel", user="nobody", check=False
    )
    assert (told.returncode, "run this as root or as the owner" in told.stderr) == (1, True), told.stderr
