"""Commands and configurations."""

from __future__ import annotations

from pathlib import Path

import pytest

from guestbook import create_app
from guestbook.extensions import db
from guestbook.models import Message


def test_init_db_makes_the_tables(app, runner):
    db.drop_all()
    result = runner.invoke(args=["init-db"])
    assert "The database is ready." in result.output
    assert Message.count() == 0


def test_init_db_keeps_messages_that_are_there(runner, write):
    write()
    runner.invoke(args=["init-db"])
    assert Message.count() == 1


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1)])
def test_init_db_drops_them_only_after_a_yes(runner, write, answer, left):
    write()
    runner.invoke(args=["init-db", "--drop"], input=answer)
    assert Message.count() == left


@pytest.mark.parametrize(("arguments", "count"), [([], 24), (["--count", "3"], 3)])
def test_forge_writes_sample_messages(runner, arguments, count):
    result = runner.invoke(args=["forge", *arguments])
    assert f"Wrote {count} sample messages." in result.output
    assert Message.count() == count


def test_forge_can_leave_a_book_alone_that_is_not_empty(runner, write):
    write()
    assert "messages already" in runner.invoke(args=["forge", "--only-when-empty"]).output
    assert Message.count() == 1


def test_the_database_of_development_lies_in_the_instance_folder():
    app = create_app("development")
    with app.app_context():
        assert Path(db.engine.url.database) == Path(app.instance_path) / "guestbook.db"


def test_production_takes_its_secrets_from_the_environment(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///:memory:")
    app = create_app("production")
    assert app.config["SECRET_KEY"] == "from the environment"
    assert app.config["SQLALCHEMY_DATABASE_URI"] == "sqlite:///:memory:"
    assert app.config["SESSION_COOKIE_SECURE"] is True


def test_production_does_not_start_without_a_secret(monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(RuntimeError, match="SECRET_KEY"):
        create_app("production")


def test_the_environment_chooses_the_configuration(monkeypatch):
    monkeypatch.setenv("GUESTBOOK_CONFIG", "testing")
    assert create_app().testing
