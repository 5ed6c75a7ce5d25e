"""SQLite as a part that can be seen: its calls run in functions of this module."""

from __future__ import annotations

import sqlite3
from typing import Any


class Cursor(sqlite3.Cursor):
    """A cursor whose work in C has a Python frame: a sample that is taken in it is the database's."""

    def execute(self, *arguments: Any) -> Any:
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        return super().executemany(*arguments)

    def fetchone(self) -> Any:
        return super().fetchone()

    def fetchmany(self, *arguments: Any) -> Any:
        return super().fetchmany(*arguments)

    def fetchall(self) -> Any:
        return super().fetchall()


class Connection(sqlite3.Connection):
    """A connection whose work in C has a Python frame."""

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, *arguments: Any) -> Any:
        return self.cursor().execute(*arguments)

    def commit(self) -> None:
        super().commit()

    def rollback(self) -> None:
        super().rollback()

    def close(self) -> None:
        super().close()


def show() -> None:
    """Let every connection that is opened from now on be one of these."""
    opened = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> Any:
        return opened(*arguments, **{"factory": Connection, **options})

    sqlite3.connect = sqlite3.dbapi2.connect = connect
