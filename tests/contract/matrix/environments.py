"""The environments of the matrix: real Flask with its pins, Erlen's wheel, and a group of packages."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from ..environment import CACHE, HERE, Environment, prepare
from .packages import Package

PINS = ["flask", "werkzeug", "click", "jinja2", "itsdangerous", "blinker", "markupsafe"]
"""Flask and what it and Erlen depend on: the same versions in every environment."""


_TELLING = (r"fatal error:", r"(?i)not found|because", r"(?i)error:|failed")
"""What a line of an installer says that tells why it failed, the most telling first."""


def constraints() -> Path:
    """Write the versions that no package may change, and give the file."""
    pinned = (HERE / "requirements" / "environment.txt").read_text().splitlines()
    lines = [line for line in pinned if line.partition("==")[0] in PINS]
    path = CACHE / "matrix" / "constraints.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path


def make(group: str, wanted: Iterable[Package]) -> tuple[Environment, dict[str, str]]:
    """Make the environment of a group; give it, and the packages that do not install with the reason."""
    wheel = prepare().wheel
    pins = constraints()
    environment = Environment(CACHE / "matrix" / f"{group}-{'{}.{}'.format(*sys.version_info)}")
    if not environment.python.exists():
        venv.create(environment.folder, with_pip=_uv() is None, symlinks=True)
    _install(environment, "-r", str(pins))
    _install(environment, "--reinstall" if _uv() else "--force-reinstall", "--no-deps", str(wheel))
    wanted = list(wanted)
    everything = [name for package in wanted for name in (package.name, *package.extras)]
    if not _install(environment, "-c", str(pins), *everything):
        return environment, {}
    refused = {}
    for package in wanted:
        if said := _install(environment, "-c", str(pins), package.name, *package.extras):
            refused[package.name] = said
    return environment, refused


def _uv() -> str | None:
    """Give uv's path, which takes seconds where pip takes minutes."""
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv")


def _install(environment: Environment, *arguments: str) -> str:
    """Install packages; give the reason if that fails, else nothing."""
    python, uv = str(environment.python), _uv()
    if uv is None:
        command = [python, "-m", "pip", "--disable-pip-version-check", "install", "-q", *arguments]
    else:
        command = [uv, "pip", "install", "-q", "--python", python, *arguments]
    done = subprocess.run(
        command,
        env=environment.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1800,
    )
    return _reason(done.stdout) if done.returncode else ""


def _reason(output: str) -> str:
    lines = [re.sub(r"^[\s╰│├─▶×]+", "", line).strip() for line in output.splitlines()]
    cleared = [line for line in lines if line and not line.startswith("hint:")]
    telling = [line for pattern in _TELLING for line in cleared if re.search(pattern, line)]
    return (telling or cleared or ["it said nothing"])[0][:300]
