"""Copies the data of a site: `python -m erlen.deploy.backup --to FOLDER SHARED`.

A timer of the machine runs it (`erlen deploy host`). Each run makes one folder, named by the time, and the
oldest ones are removed. Databases are copied whole while they are written to: files of SQLite by its own
means, PostgreSQL by `pg_dump`.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import typing as t
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import click

KEEP = 14
_URLS = ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI")
_NAME = re.compile(r"\d{8}T\d{6}Z")
_SQLITE = b"SQLite format 3\0"


class NotSaved(Exception):
    """Data that could not be copied; the message says which and why."""


def back_up(shared: Path, to: Path, keep: int = KEEP) -> list[str]:
    """Copy the databases of a site into a new folder in *to*; return the names of the files in it.

    *shared* is the folder with `.env` and `instance/`. Raises `NotSaved`; then nothing new is in *to*.
    """
    name = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    begun = to / f".{name}"
    os.umask(0o077)
    try:
        begun.mkdir()
        urls = dict(_urls(shared / ".env"))
        for number, file in enumerate(_sqlite_files(shared / "instance", urls.values())):
            copy_sqlite(file, begun / f"{number}-{file.name}")
        for variable, url in urls.items():
            if urlsplit(url).scheme.startswith("postgres"):
                dump_postgresql(url, begun / f"{variable}.dump")
        names = sorted(each.name for each in begun.iterdir())
        if names:
            begun.rename(to / name)
    except OSError as error:
        raise NotSaved(str(error)) from error
    finally:
        shutil.rmtree(begun, ignore_errors=True)
    for old in sorted(each for each in to.iterdir() if _NAME.fullmatch(each.name))[:-keep]:
        shutil.rmtree(old)
    return names


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a file of SQLite, also while others write to it, and look whether the copy is whole."""
    # Not "ro": to read a file in WAL mode, files beside it have to be written.
    address = f"file:{quote(os.fsencode(source))}?mode=rw"
    try:
        with (
            closing(sqlite3.connect(address, uri=True)) as database,
            closing(sqlite3.connect(target)) as copy,
        ):
            database.backup(copy)
            verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise NotSaved(f"{source}: {error}") from error
    if verdict != "ok":
        raise NotSaved(f"{source}: the copy is damaged: {verdict}")


def dump_postgresql(url: str, target: Path) -> None:
    """Let `pg_dump` write a database of PostgreSQL to a file, for `pg_restore`."""
    try:
        subprocess.run(
            ["pg_dump", "--format=custom", f"--file={target}"],
            check=True,
            env={**os.environ, **postgresql_variables(url)},
        )
    except FileNotFoundError:
        raise NotSaved("There is no pg_dump: install postgresql-client.") from None
    except subprocess.CalledProcessError as error:
        raise NotSaved(f"pg_dump ended with status {error.returncode}, as it says above.") from error


def postgresql_variables(url: str) -> dict[str, str]:
    """Return the variables that stand for a URL of SQLAlchemy: arguments can be read by all users."""
    parts = urlsplit(url)
    values = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.removeprefix("/")),
    }
    return {name: value for name, value in values.items() if value}


def _sqlite_files(folder: Path, urls: t.Iterable[str]) -> t.Iterator[Path]:
    """Yield the files of SQLite in a folder, and those that URLs with a whole path lead to."""
    named = (Path(unquote(urlsplit(url).path[1:])) for url in urls if url.startswith("sqlite"))
    for path in sorted({*folder.rglob("*"), *(path for path in named if path.is_absolute())}):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(len(_SQLITE)) == _SQLITE:
                    yield path


def _urls(file: Path) -> t.Iterator[tuple[str, str]]:
    from dotenv import dotenv_values

    values = dotenv_values(file)
    for name in (*_URLS, *(f"FLASK_{each}" for each in _URLS)):
        if value := values.get(name):
            yield name, value


@click.command()
@click.option("--to", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--keep", type=click.IntRange(min=1), default=KEEP, show_default=True, help="How many to keep.")
@click.argument("shared", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(shared: Path, to: Path, keep: int) -> None:
    """Copy the databases of the site whose '.env' and 'instance/' are in SHARED."""
    try:
        names = back_up(shared, to, keep)
    except NotSaved as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Saved: {', '.join(names)}" if names else "There is no database to save.")


if __name__ == "__main__":
    main()
