"""Backups of a site's databases."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from erlen.deploy import backup
from erlen.deploy.backup import NotSaved, back_up, postgresql_variables


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    (tmp_path / "shared" / "instance" / "below").mkdir(parents=True)
    (tmp_path / "backups").mkdir()
    return tmp_path / "shared"


def database(path: Path, *statements: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(
        f"create table words (word); insert into words values ('kept'); {'; '.join(statements)}"
    )
    return connection


def words_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [word for (word,) in connection.execute("select word from words")]


def only_backup(shared: Path) -> Path:
    (made,) = (shared.parent / "backups").iterdir()
    return made


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_databases_are_copied_while_others_write_to_them(shared: Path, mode: str) -> None:
    with (
        closing(database(shared / "instance" / "shop.db", f"pragma journal_mode = {mode}")) as open_one,
        closing(database(shared / "instance" / "below" / "it's ?mode=ro#1.db")),
    ):
        open_one.execute("begin")
        open_one.execute("insert into words values ('not committed')")
        names = back_up(shared, shared.parent / "backups")
    assert names == ["0-it's ?mode=ro#1.db", "1-shop.db"]
    assert [words_in(only_backup(shared) / name) for name in names] == [["kept"], ["kept"]]


def test_what_is_no_database_is_left_out(shared: Path) -> None:
    (shared / "instance" / "notes.db").write_text("SQLite")
    (shared / "instance" / "elsewhere.db").symlink_to("/etc/passwd")
    assert back_up(shared, shared.parent / "backups") == []
    assert list((shared.parent / "backups").iterdir()) == []


def test_a_file_that_the_environment_file_names_is_copied_too(shared: Path, tmp_path: Path) -> None:
    database(tmp_path / "far away.db").close()
    (shared / ".env").write_text(f"DATABASE_URL=sqlite:///{tmp_path}/far%20away.db\n")
    assert back_up(shared, tmp_path / "backups") == ["0-far away.db"]


def test_only_the_user_can_read_a_backup(shared: Path) -> None:
    database(shared / "instance" / "shop.db").close()
    before = os.umask(0)
    try:
        back_up(shared, shared.parent / "backups")
    finally:
        os.umask(before)
    made = only_backup(shared)
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (made, made / "0-shop.db")]
    assert modes == [0o700, 0o600]


def test_the_newest_are_kept_and_other_folders_left_alone(shared: Path) -> None:
    database(shared / "instance" / "shop.db").close()
    to = shared.parent / "backups"
    for name in ("20200101T000000Z", "20200102T000000Z", "20200103T000000Z", "mine"):
        (to / name).mkdir()
    back_up(shared, to, keep=2)
    names = sorted(each.name for each in to.iterdir())
    assert names[0] == "20200103T000000Z"
    assert names[2:] == ["mine"]


def test_a_damaged_database_is_an_error_and_leaves_nothing(shared: Path) -> None:
    (shared / "instance" / "shop.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(NotSaved, match=r"shop\.db"):
        back_up(shared, shared.parent / "backups")
    assert list((shared.parent / "backups").iterdir()) == []


def test_postgresql_is_dumped_without_its_password_among_the_arguments(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" "$PGHOST" "$PGUSER" "$PGPASSWORD" >"${2#--file=}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    (shared / ".env").write_text("DATABASE_URL=postgresql+psycopg://ann:it%20is%40secret@db.example/shop\n")
    assert back_up(shared, tmp_path / "backups") == ["DATABASE_URL.dump"]
    kind, file, *rest = (only_backup(shared) / "DATABASE_URL.dump").read_text().splitlines()
    assert (kind, file.partition("=")[0]) == ("--format=custom", "--file")
    assert rest == ["db.example", "ann", "it is@secret"]


def test_a_url_becomes_variables() -> None:
    assert postgresql_variables("postgres://ann@db.example:5433/my%20shop") == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "ann",
        "PGDATABASE": "my shop",
    }


@pytest.mark.parametrize(
    ("program", "said"), [(None, "install postgresql-client"), ("exit 3", "ended with status 3")]
)
def test_without_a_dump_it_is_an_error(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None, said: str
) -> None:
    (tmp_path / "bin").mkdir()
    if program is not None:
        (tmp_path / "bin" / "pg_dump").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "bin" / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (shared / ".env").write_text("SQLALCHEMY_DATABASE_URI=postgresql://db.example/shop\n")
    with pytest.raises(NotSaved, match=said):
        back_up(shared, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_the_command_says_what_it_saved(shared: Path) -> None:
    words = ["--to", str(shared.parent / "backups"), str(shared)]
    told = CliRunner().invoke(backup.main, words)
    assert (told.exit_code, told.output) == (0, "There is no database to save.\n")
    database(shared / "instance" / "shop.db").close()
    told = CliRunner().invoke(backup.main, words)
    assert (told.exit_code, told.output) == (0, "Saved: 0-shop.db\n")
    (shared / "instance" / "shop.db").write_bytes(b"SQLite format 3\0")
    told = CliRunner().invoke(backup.main, words)
    assert told.exit_code == 1
    assert "shop.db" in told.output
