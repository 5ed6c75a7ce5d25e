"""What users install."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory):
    """Build the wheel as pip does."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [path] = folder.glob("*.whl")
    assert path.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(path) as wheel:
        yield wheel


def test_the_line_that_sets_up_the_alias_is_where_python_looks_for_it(wheel):
    line = wheel.read("erlen-as-flask.pth").decode()
    assert line.startswith("import os")
    assert "ERLEN_AS_FLASK" in line
    assert line.count("\n") == 1, "site runs each line by itself"


def test_it_carries_every_module_and_says_that_it_is_typed(wheel):
    sources = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert sources | {"erlen/py.typed"} <= set(wheel.namelist())


def test_it_carries_what_erlen_doctor_reads(wheel):
    written = (ROOT / "src/erlen/doctor/matrix.json").read_bytes()
    assert wheel.read("erlen/doctor/matrix.json") == written


def test_it_carries_nothing_else(wheel):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "erlen",
        "erlen_as_flask",
        "erlen-as-flask.pth",
    }


def test_its_core_needs_what_flask_needs_and_no_more(wheel):
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    needs = message_from_bytes(wheel.read(name)).get_all("Requires-Dist")
    core = {re.split("[<>=!]", need)[0] for need in needs if "extra" not in need}
    assert core == {"blinker", "click", "itsdangerous", "jinja2", "markupsafe", "werkzeug"}
