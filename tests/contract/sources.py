"""Source distributions from the package index, checked against the hashes in `requirements/sources.txt`."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from pathlib import Path

from .environment import CACHE, HERE, Environment

_PINS = HERE / "requirements" / "sources.txt"


def unpacked(name: str, environment: Environment) -> Path:
    """Give the folder of a source distribution, from pip unless the cache has it. Not to be written to.

    The name may be one with a version: `flask==1.1.4`.
    """
    pin = _pin(name)
    requirement, _, sha256 = pin.partition(" --hash=sha256:")
    archive = _archive(requirement, pin, environment)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != sha256:
        raise RuntimeError(f"{archive} has the SHA-256 {found}, {_PINS} says {sha256}. Delete it, run again.")
    folder = CACHE / "sources" / requirement
    if not folder.is_dir():
        _unpack(archive, folder)
    return folder


def _pin(name: str) -> str:
    for line in _PINS.read_text().splitlines():
        if line.startswith((f"{name}==", f"{name} ")):
            return line
    raise LookupError(f"{_PINS} pins no source distribution of {name!r}.")


def _archive(requirement: str, pin: str, environment: Environment) -> Path:
    folder = CACHE / "archives" / requirement
    if not any(folder.glob("*.tar.gz")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pin.txt").write_text(f"{pin}\n")
        only_source = ("--no-deps", "--no-binary", requirement.partition("==")[0])
        environment.pip("download", "-q", *only_source, "-r", folder / "pin.txt", "-d", folder)
    (archive,) = folder.glob("*.tar.gz")
    return archive


def _unpack(archive: Path, folder: Path) -> None:
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    with tarfile.open(archive) as tar:
        # Early patch releases of 3.10 and 3.11 have no filter; the hash above vouches for the content.
        tar.extractall(part, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (inner,) = part.iterdir()
    inner.rename(folder)
    part.rmdir()
