"""One run over a folder: versions of its files, copies of these, and the manifest at the end.

What is there already and right is not written again. Versions of earlier runs stay, for pages that were sent
before. Whoever reads the folder meanwhile finds whole files, and the manifest names none that is not there.
"""

from __future__ import annotations

import os
import typing as t

from .compression import LARGEST, Compress, is_compressed
from .file_names import SUFFIXES, tag_of, version_name
from .manifest import Manifest, ManifestError, Places, read
from .references import References
from .scanning import Scan, tag_of_file
from .writing import put, set_time, temporary_beside, write


class Digest:
    """A run over one folder, whose address is *prefix*, such as ``/static/``."""

    def __init__(
        self,
        folder: str,
        prefix: str | None = None,
        *,
        compressors: t.Mapping[str, Compress],
        excluded: t.Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self._prefix = prefix
        self._compressors = compressors
        self._old = read_old(folder)
        self._scan = Scan(folder, self._old, excluded)
        self._names: dict[str, str] = {}
        self._versions: dict[str, tuple[str, ...]] = {}
        self._rewritten: dict[str, str] = {}
        self._places = Places(folder)
        # The files that are being worked on, each because of a reference in the one before it.
        self._open: list[str] = []
        self.notices = self._scan.notices
        self.new = 0

    def run(self) -> Manifest:
        """Write what is missing, and return what the folder has then. Raises OSError."""
        for name in list(self._scan.originals):
            self._version_of(name)
        versions = {**self._earlier_versions(), **self._versions}
        manifest = Manifest(self._names, versions, self._rewritten)
        manifest.save(self.folder)
        for name in self._scan.leftovers:
            os.unlink(self._scan.path(name))
        return manifest

    def _earlier_versions(self) -> dict[str, tuple[str, ...]]:
        old = {} if self._old is None else self._old.versions
        return {name: codings for name, codings in old.items() if self._places.status(name) is not None}

    def _version_of(self, name: str) -> str | None:
        """Return the name of a file's version, which is there then; None where it has none."""
        if name in self._names or name not in self._scan.originals:
            return self._names.get(name)
        self._open.append(name)
        try:
            version, content = self._write_version(name, self._scan.originals[name])
        except OSError as error:
            if error.filename != self._scan.path(name):
                raise
            self.notices.append(f"{name!a} cannot be read ({error.strerror}): left alone.")
            del self._scan.originals[name]
            return None
        finally:
            self._open.pop()
        self._versions[version] = self._write_copies(version, content, self._scan.originals[name])
        self._names[name] = version
        return version

    def _write_version(self, name: str, like: os.stat_result) -> tuple[str, bytes]:
        if like.st_size > LARGEST:
            return self._copy(name, like), b""
        with open(self._scan.path(name), "rb") as file:
            original = file.read()
        content = self._with_versions(name, original)
        if content != original:
            self._rewritten[name] = tag_of(original)
        version = version_name(name, tag_of(content))
        found = self._places.status(version)
        if found is None or not self._has(version, content):
            self.new += 1
            write(self._scan.path(version), content, like)
        elif found.st_mtime_ns != like.st_mtime_ns:
            self._set_times(version, found, like)
        return version, content

    def _with_versions(self, name: str, content: bytes) -> bytes:
        """Return the content of a file, with references to versions."""
        references = References(name, self._prefix, lambda target: self._resolve(name, target))
        kind = name.rpartition(".")[2].lower()
        if kind == "css":
            return references.in_css(content)
        return references.in_javascript(content) if kind in ("js", "mjs") else content

    def _copy(self, name: str, like: os.stat_result) -> str:
        """Write the version of a file that is too large for the memory."""
        path = self._scan.path(name)
        with temporary_beside(path) as (temporary, file):
            version = version_name(name, tag_of_file(path, file))
            target = self._scan.path(version)
            found = self._places.status(version)
            if found is None or found.st_size != like.st_size:
                self.new += 1
                put(temporary, file, target, like)
            else:
                set_time(target, like)
        return version

    def _has(self, version: str, content: bytes) -> bool:
        with open(self._scan.path(version), "rb") as file:
            return file.read() == content

    def _set_times(self, version: str, found: os.stat_result, like: os.stat_result) -> None:
        """Give a version the time of its original, and with it those copies that are not older than it."""
        for suffix in SUFFIXES.values():
            copy = self._places.status(version + suffix)
            if copy is not None and copy.st_mtime_ns >= found.st_mtime_ns:
                set_time(self._scan.path(version + suffix), like)
        set_time(self._scan.path(version), like)

    def _resolve(self, name: str, target: str) -> str | None:
        if target in self._open:
            self.notices.append(
                f"{name!a} and {target!a} refer to each other: the latter keeps its name there."
            )
            return None
        version = self._version_of(target)
        if version is None and not os.path.exists(self._scan.path(target)):
            self.notices.append(f"{name!a} refers to {target!a}, which is not there.")
        return version

    def _write_copies(self, version: str, content: bytes, like: os.stat_result) -> tuple[str, ...]:
        """Write the copies that are smaller than the file; return their codings, the smallest first."""
        if is_compressed(version) or not content:
            return ()
        sizes: dict[str, int] = {}
        for coding, compress in self._compressors.items():
            copy = version + SUFFIXES[coding]
            size = self._size_of_known(version, coding)
            if size is None:
                compressed = compress(content)
                size = len(compressed)
                if size < len(content):
                    write(self._scan.path(copy), compressed, like)
            if size < len(content):
                sizes[coding] = size
        return tuple(sorted(sizes, key=lambda coding: sizes[coding]))

    def _size_of_known(self, version: str, coding: str) -> int | None:
        """Return the size of a copy that an earlier run has written; None where it has to be written."""
        if self._old is None or coding not in self._old.versions.get(version, ()):
            return None
        copy, original = self._places.status(version + SUFFIXES[coding]), self._places.status(version)
        if copy is None or original is None or copy.st_mtime_ns < original.st_mtime_ns:
            return None
        return copy.st_size


def read_old(folder: str) -> Manifest | None:
    """Return the manifest of the run before; None where there is none that can be used."""
    try:
        return read(folder)
    except (FileNotFoundError, ManifestError):
        return None
