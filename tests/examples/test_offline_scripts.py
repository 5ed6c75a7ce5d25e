"""The example with offline scripts: its own tests pass, and no script is in what is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "offline-scripts"


def environment() -> dict[str, str]:
    """Return the variables for a child process: nothing that chooses a framework or a database."""
    taken_out = ("FLASK_", "ERLEN_", "SHOP_", "OFFLINE_SCRIPTS", "PYTEST_", "WERKZEUG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(taken_out)}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_its_own_tests_pass():
    """A million rows among them."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no"]
    done = subprocess.run(
        command, cwd=EXAMPLE, env=environment(), capture_output=True, text=True, timeout=850
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    assert re.search(r"^=+ 15 passed in ", done.stdout, re.MULTILINE), printed


@pytest.mark.slow
def test_its_scripts_keep_to_the_convention():
    """What a project's own CI would run."""
    command = [sys.executable, "-m", "erlen", "script", "check", "--oldest", "99999d"]
    done = subprocess.run(command, cwd=EXAMPLE, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.stdout == "5 scripts, nothing to complain about.\n", done.stdout + done.stderr


@pytest.mark.contract
def test_no_script_is_in_a_wheel(tmp_path: Path):
    copy = shutil.copytree(
        EXAMPLE, tmp_path / "shop", ignore=shutil.ignore_patterns("instance", "__pycache__")
    )
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(copy),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = {Path(name).parts[0] for name in opened.namelist()}
    assert names == {"shop", "shop-1.0.0.dist-info"}


def test_the_tests_install_what_it_needs():
    needs = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]["dependencies"]
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert [need for need in needs if need != "erlen" and need not in groups["demo"]] == []
