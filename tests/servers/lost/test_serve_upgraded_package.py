"""A package that is upgraded between reloads is the new one afterwards."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .driver import serving, steady, until
from .erlen_serve import is_answered, place, words_for
from .load import Load
from .releases import Site

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

PROGRAM = """

import importlib.metadata
import greeting

version = f"{greeting.NUMBER}/{importlib.metadata.version('greeting')}"
"""


def install(number: int, folder: Path, into: Path) -> None:
    """Make a wheel of a package, and let pip install or upgrade it."""
    wheel = folder / f"greeting-{number}-py3-none-any.whl"
    info = f"greeting-{number}.dist-info"
    files = {
        "greeting/__init__.py": f"from .number import NUMBER\n{'# longer' * number}\n",
        "greeting/number.py": f"NUMBER = {number}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greeting\nVersion: {number}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{name},sha256={hashlib.sha256(text.encode()).hexdigest()}," for name, text in files.items()]
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*lines, f"{info}/RECORD,,"]))
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-compile"]
    subprocess.run([*words, "--upgrade", "--target", str(into), str(wheel)], check=True, timeout=60)


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_the_new_one_answers(tmp_path: Path, interface: str) -> None:
    packages = tmp_path / "packages"
    install(1, tmp_path, packages)
    site = Site(tmp_path, interface=interface, seconds=0, more=PROGRAM)
    address, where = place("tcp", tmp_path)
    words = words_for(site, interface, *where, "--workers", "2")
    with serving(words, tmp_path, {"PYTHONPATH": str(packages)}) as served:
        assert until(lambda: served.ended or is_answered(address)), served.log
        with Load(address, rate=50) as load:
            assert steady(load, "1/1")
            install(2, tmp_path, packages)
            assert steady(load, "1/1"), "Nobody has asked for a reload."
            served.signal(signal.SIGHUP)
            assert steady(load, "2/2"), served.log
        assert load.tally.lost() == [], load.tally
