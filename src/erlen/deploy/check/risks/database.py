"""Risks of databases: migrations that were not applied, tables that nobody has made."""

from __future__ import annotations

import os
import typing as t

from ...health.checks import migrations
from ...health.runs import CheckFailed
from ..finding import Finding, Kind, Level
from . import written
from .databases import databases_of

if t.TYPE_CHECKING:
    from ..examined import Examined

MISSING = Kind(
    "database-missing",
    Level.WARNING,
    "Every page that needs it is answered with a 500.",
)
PENDING = Kind(
    "migrations-pending",
    Level.WARNING,
    "Pages that need the new tables and columns are answered with a 500.",
)
NOT_ASKED = Kind(
    "database-unreachable",
    Level.WARNING,
    "What is missing in it is not known, and the application may not reach it either.",
)
TABLES = Kind(
    "tables-missing",
    Level.WARNING,
    "Pages that need them are answered with a 500.",
)

_UPGRADE = "erlen db upgrade"


def check_database(examined: Examined) -> t.Iterator[Finding]:
    """Find migrations that the database lacks; without Flask-Migrate, tables that it lacks."""
    extensions = examined.app.extensions
    if "sqlalchemy" not in extensions:
        return
    place = written.place_of_setting(examined, "SQLALCHEMY_DATABASE_URI")
    is_migrated = "migrate" in extensions
    if not _are_there(examined):
        # To connect would make an empty file.
        if is_migrated or _has_tables(examined):
            line = _UPGRADE if is_migrated else "db.create_all()"
            yield MISSING.found("The database does not exist yet.", place, write=line)
        return
    try:
        with examined.app.app_context():
            missing = _pending() if is_migrated else _missing_tables(examined)
    except Exception as error:  # of any driver; and of folders of migrations that cannot be read
        what = f"The database cannot be asked: {type(error).__name__}."
        yield NOT_ASKED.found(what, place, write='app.config["SQLALCHEMY_DATABASE_URI"] = …')
        return
    if missing and is_migrated:
        yield PENDING.found(missing, place, write=_UPGRADE)
    elif missing:
        yield TABLES.found(missing, place, write="db.create_all()")


def _are_there(examined: Examined) -> bool:
    """Tell whether the files of all databases exist, where they are files."""
    files = [database.file for _, database in databases_of(examined)]
    return all(os.path.exists(file) for file in files if file is not None)


def _pending() -> str:
    """Return what the database lacks; nothing if it is at this release, or there are no migrations."""
    from alembic.util import CommandError

    try:
        migrations()()
    except CheckFailed as failure:
        return str(failure)
    except CommandError:
        # There is no such folder: the program names another one where it upgrades.
        return ""
    return ""


def _has_tables(examined: Examined) -> bool:
    return any(metadata.tables for metadata in _metadatas(examined).values())


def _missing_tables(examined: Examined) -> str:
    from sqlalchemy import inspect

    engines = examined.app.extensions["sqlalchemy"].engines
    missing: list[str] = []
    for bind, metadata in _metadatas(examined).items():
        if bind in engines and engines[bind].url.database not in (None, "", ":memory:"):
            inspector = inspect(engines[bind])
            missing += (
                table.name
                for table in metadata.sorted_tables
                if not inspector.has_table(table.name, schema=table.schema)
            )
    return f"The database lacks the tables {', '.join(map(repr, missing[:5]))}." if missing else ""


def _metadatas(examined: Examined) -> dict[str | None, t.Any]:
    return dict(getattr(examined.app.extensions["sqlalchemy"], "metadatas", {}))
