"""Packages for a machine without a network: wheels of this checkout and of what it needs."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.contract.environment import CACHE, CHECKOUT, digest_of_sources, once

PYTHON = "/usr/bin/python3"
"""The machine's own Python: that of this process may be where only root can read it."""


def wheels(*packages: str) -> Path:
    """Return a folder with wheels of Erlen's checkout, with all extras that serve, and of *packages*."""
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    wanted = ("erlen[serve,dotenv]", *packages)
    # Tests that run at the same time do not change each other's.
    folder = CACHE / f"wheels-{version}-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    with once(folder / ".stamp", digest_of_sources().encode()) as needed:
        if needed:
            for old in folder.glob("erlen-*.whl"):
                old.unlink()
            _pip("wheel", "-q", "--no-deps", "-w", folder, CHECKOUT)
            platform = ("--python-version", version, "--only-binary=:all:", "--find-links", folder)
            _pip("download", "-q", "--dest", folder, *platform, *wanted)
    return folder


def offline(folder: str) -> dict[str, str]:
    """Return the variables that let pip install from a folder alone."""
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": folder}


def _pip(*words: str | Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *words], check=True, timeout=600
    )
