"""Packages from npm, pinned by a folder's `package-lock.json` and installed once into the cache."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from tests.contract.environment import CHECKOUT, once

CACHE = CHECKOUT / ".cache" / "node"


def installed(folder: Path) -> Path:
    """Install what *folder* pins; return its `node_modules`."""
    pinned = [folder / "package.json", folder / "package-lock.json"]
    content = hashlib.sha256(b"\0".join(path.read_bytes() for path in pinned)).hexdigest()
    target = CACHE / folder.name
    with once(CACHE / f".installed-{folder.name}", content.encode()) as needed:
        if needed:
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            for path in pinned:
                shutil.copy(path, target)
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=target)
    return target / "node_modules"


def run(*command: str | Path, cwd: Path, fails: bool = False) -> str:
    """Run a command and return what it prints; it must not end with an error, or must."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
    except FileNotFoundError:
        raise RuntimeError(f"{command[0]} is missing: 'make services' installs it.") from None
    assert bool(done.returncode) == fails, done.stdout
    return done.stdout
