"""What git has of a project: whoever has the repository can read that, and its history keeps it."""

from __future__ import annotations

import os
import typing as t
from functools import cached_property
from pathlib import Path

from ..env.git import CannotAsk, ask
from .finding import Place

# As many files are looked through, up to so many bytes each: nobody writes keys into larger ones.
_MOST_FILES = 20_000
_LARGEST = 500_000


class Repository:
    """The repository that a folder is in; one that has nothing where there is none, or no git."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def root(self) -> Path | None:
        """The uppermost folder of the repository; None without one."""
        output = _output(self._folder, "rev-parse", "--show-toplevel")
        return None if output is None else Path(os.fsdecode(output.removesuffix(b"\n")))

    @cached_property
    def tracked(self) -> frozenset[Path]:
        """The files that git tracks."""
        if self.root is None:
            return frozenset()
        names = (_output(self.root, "ls-files", "-z") or b"").split(b"\0")[:_MOST_FILES]
        return frozenset(self.root / os.fsdecode(name) for name in names if name)

    def tracks(self, path: Path) -> bool:
        """Tell whether git tracks a file."""
        return path.resolve() in self.tracked

    def ignores(self, path: Path) -> bool:
        """Tell whether git leaves a file alone: it is in no repository, or ignored and not tracked."""
        if self.root is None or not path.is_relative_to(self.root):
            return True
        return (
            not self.tracks(path) and _output(path.parent, "check-ignore", "-q", "--", path.name) is not None
        )

    def lines_with(self, secret: str | bytes) -> t.Iterator[Place]:
        """Yield the lines of tracked files that have a secret in them, one for each file."""
        # As text, and as a program writes bytes.
        forms = {secret.encode() if isinstance(secret, str) else secret, repr(secret).strip("b'\"").encode()}
        for path in sorted(self.tracked):
            content = _content(path)
            at = next((content.find(form) for form in forms if form in content), None)
            if at is not None:
                yield Place(path, content.count(b"\n", 0, at) + 1)


def _output(folder: Path, *words: str) -> bytes | None:
    """Return what git prints; None where it fails or cannot be asked."""
    try:
        answer = ask(folder, *words)
    except CannotAsk:
        return None
    return answer.output if answer.status == 0 else None


def _content(path: Path) -> bytes:
    try:
        # A link, a FIFO or a submodule is no file of the repository's.
        is_file = path.is_file() and not path.is_symlink()
        return path.read_bytes() if is_file and path.stat().st_size <= _LARGEST else b""
    except OSError:
        return b""
