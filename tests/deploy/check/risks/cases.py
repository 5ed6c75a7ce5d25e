"""Mistakes that are planted into a hardened application, each with its right neighbour."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

KEY = "mV3kq0Zt8uXbW2rLsYpN7cHdJ5fGaE1oQiUvTx9zRwA"

HARDENED = """\
import os

from flask import Flask

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ["SECRET_KEY"],
    SESSION_COOKIE_NAME="__Host-session",
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_SAMESITE="Lax",
    TRUSTED_HOSTS=["shop.example"],
    TRUSTED_PROXIES=["127.0.0.1"],
    FORCE_HTTPS=True,
    HSTS_SECONDS=31_536_000,
    MAX_CONTENT_LENGTH=4 * 1024 * 1024,
)
"""
MARK = "#!"
"""It is at the end of each line where something has to be found."""

Files = str | dict[str, str]


@dataclass(frozen=True)
class Case:
    """A mistake; the two texts are added to the hardened application, and so are those for other files."""

    kind: str
    wrong: Files
    right: Files
    # What distinguishes this case from others of the kind.
    note: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    workers: int | None = None
    behind_proxy: bool = False
    # Whether the folder is a repository of git ("init"), and has all files in it ("add").
    git: str = ""
    # Files and folders with modes that are not the usual ones.
    modes: dict[str, int] = field(default_factory=dict)
    right_modes: dict[str, int] = field(default_factory=dict)
    # Where no line is to be found, or a file that has no marks.
    places: tuple[tuple[str | None, int | None], ...] | None = None
    right_environ: dict[str, str] | None = None
    right_user: str | None = None
    right_workers: int | None = None
    right_git: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.note}".strip()


def write(files: Files, folder: Path) -> list[tuple[str, int]]:
    """Write an application; return file and line of each mark."""
    texts = {"app.py": files} if isinstance(files, str) else {"app.py": "", **files}
    texts["app.py"] = HARDENED + texts["app.py"]
    marks = []
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        lines = enumerate(text.splitlines(), 1)
        marks += [(name, line) for line, content in lines if content.endswith(MARK)]
    # Whatever the umask of the tests is.
    for path in (folder, *folder.rglob("*")):
        path.chmod(
            0o755 if path.is_dir() else 0o600 if path.name.startswith((".env", ".flaskenv")) else 0o644
        )
    return sorted(marks)


def environment(case: Case, right: bool) -> dict[str, str]:
    """Return the environment of an application."""
    own = case.right_environ if right and case.right_environ is not None else case.environ
    usual = {"PATH": os.environ["PATH"], "SECRET_KEY": KEY, "WEB_CONCURRENCY": "1"}
    return {**usual, **own}
