"""The way back: removes what `erlen static digest` has written, and nothing else."""

from __future__ import annotations

import contextlib
import os

from ...declare.static_sources import MANIFEST
from .digesting import read_old
from .manifest import Manifest, read
from .scanning import Scan


def clean(folder: str) -> int:
    """Remove all versions with their copies, and the manifest; return how many versions there were."""
    old = read_old(folder)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, MANIFEST))
    return _remove(Scan(folder, old), kept=())


def clean_old(folder: str) -> int:
    """Remove the versions that no file has now. Raises FileNotFoundError, ManifestError, OSError."""
    old = read(folder)
    kept = set(old.names.values())
    scan = Scan(folder, old)
    Manifest(old.names, {name: old.versions[name] for name in kept}, old.rewritten).save(folder)
    return _remove(scan, kept)


def _remove(scan: Scan, kept: set[str] | tuple[()]) -> int:
    removed = sorted(scan.versions.difference(kept))
    files = [*scan.leftovers, *removed]
    for name in removed:
        files += scan.copies.get(name, ())
    for name in files:
        # Another run may be removing the same files.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(scan.path(name))
    return len(removed)
