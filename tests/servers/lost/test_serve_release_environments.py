"""Each release has an environment of its own, and a reload goes to that of the current one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from .driver import serving, steady, until
from .erlen_serve import is_answered, place
from .load import Load

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

PROGRAM = """\
import os
from importlib.util import find_spec
from pathlib import Path
from erlen import Erlen
import greeting

app = Erlen("hello")

@app.get("/quick")
@app.get("/slow", endpoint="slow")
def quick():
    # What would be imported now, when the release may not be the current one any more.
    late = Path(find_spec("late").origin).read_text()
    return f"{greeting.NUMBER}/{late}/{os.path.basename(os.getcwd())} {os.getpid()}"
"""


def make_release(number: int, folder: Path) -> Path:
    """Make a release: code, an environment with a package, and the script that pip would write."""
    release = folder / "releases" / str(number)
    release.mkdir(parents=True)
    (release / "hello.py").write_text(PROGRAM)
    (release / "late.py").write_text(str(number))
    environment = release / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True, timeout=60)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = environment / "lib" / version / "site-packages"
    (packages / "greeting.py").write_text(f"NUMBER = {number}\n")
    mine = sysconfig.get_path("purelib")
    (packages / "tests.pth").write_text(f"import site; site.addsitedir({mine!r})\n")
    script = environment / "bin" / "erlen"
    script.write_text(f"#!{environment}/bin/python\nfrom erlen.__main__ import main\nmain()\n")
    script.chmod(0o755)
    return release


@pytest.mark.parametrize(
    "program", [["erlen"], ["python", "-m", "erlen"]], ids=["the script", "python -m erlen"]
)
def test_code_and_packages_are_those_of_the_new_release(tmp_path: Path, program: list[str]) -> None:
    current, first = tmp_path / "current", make_release(1, tmp_path)
    current.symlink_to(first)
    address, where = place("tcp", tmp_path)
    # As systemd starts it: in the folder of the link, which is followed, and without a variable PWD.
    words = ["/usr/bin/env", "--unset=PWD", f"--chdir={current}", f"{current}/.venv/bin/{program[0]}"]
    words += [*program[1:], "--app", "hello", "serve", *where, "--workers", "2"]
    with serving(words, tmp_path) as served:
        assert until(lambda: served.ended or is_answered(address)), served.log
        with Load(address, rate=50) as load:
            assert steady(load, "1/1/1"), served.log
            (tmp_path / "next").symlink_to(make_release(2, tmp_path))
            os.replace(tmp_path / "next", current)
            assert steady(load, "1/1/1"), "Nobody has asked for a reload."
            served.signal(signal.SIGHUP)
            assert steady(load, "2/2/2"), served.log
            # What serves needs nothing of the first release's code; its environment is the parent's.
            (first / "hello.py").unlink()
            served.signal(signal.SIGHUP)
            assert until(lambda: served.log.count("Reloading") == 2), served.log
            assert steady(load, "2/2/2"), served.log
        assert load.tally.lost() == [], load.tally
