"""The databases that an application is set up with, from its settings."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

from .folders import path_of

if t.TYPE_CHECKING:
    from ..examined import Examined

_URI, _BINDS = "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS"
# Programs without SQLAlchemy name a file themselves.
_PATHS = ("DATABASE", "DATABASE_PATH", "DATABASE_FILE", "SQLITE_PATH", "SQLITE_DATABASE")
_MEMORY = Path(":memory:")
_SUFFIXES = (".db", ".sqlite", ".sqlite3", ".db3")


class Database(t.NamedTuple):
    """A database: SQLite's file, SQLite in memory, or a server, of which nothing more is known."""

    file: Path | None = None
    is_in_memory: bool = False
    is_read_only: bool = False


def databases_of(examined: Examined) -> list[tuple[str, Database]]:
    """Return the databases of an application, each with the key that sets it."""
    found: list[tuple[str, Database]] = []
    if "sqlalchemy" in examined.app.extensions:
        found += [(key, _database(url)) for key, url in _urls(examined)]
    for key in _PATHS:
        path = path_of(examined.app.config.get(key))
        if path == _MEMORY:
            found.append((key, Database(is_in_memory=True)))
        elif path is not None and path.suffix in _SUFFIXES:
            found.append((key, Database(Path(os.path.abspath(path)))))
    return found


def _urls(examined: Examined) -> t.Iterator[tuple[str, t.Any]]:
    """Yield the URLs of Flask-SQLAlchemy's engines, which have the paths as they are used."""
    extension = examined.app.extensions["sqlalchemy"]
    try:
        with examined.app.app_context():
            engines: dict[str | None, t.Any] = dict(extension.engines)
    except Exception:  # an older release, or a driver that is not installed: its first use says so
        return
    for bind, engine in engines.items():
        yield (_URI if bind is None else _BINDS), engine.url


def _database(url: t.Any) -> Database:
    if url.get_backend_name() != "sqlite":
        return Database()
    name, query = url.database or "", {key: str(value) for key, value in url.query.items()}
    if name in ("", ":memory:", "file::memory:") or query.get("mode") == "memory":
        return Database(is_in_memory=True)
    path = name.removeprefix("file:")
    is_read_only = query.get("mode") == "ro" or query.get("immutable") == "1"
    return Database(Path(os.path.abspath(path)), is_read_only=is_read_only)
