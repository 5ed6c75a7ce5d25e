from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

from erlen import Erlen
from erlen.cli import ScriptInfo
from erlen.script.command import script
from erlen.script.current import Run, set_current_run
from erlen.script.places import Script


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]


class Position(Base):
    """A row with a key of two columns."""

    __tablename__ = "positions"

    order: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(primary_key=True)


class Database:
    """What Flask-SQLAlchemy's extension has, as far as scripts look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine: Engine = create_engine(f"sqlite:///{path}")
        self.engines = {None: self.engine}
        self.session = scoped_session(sessionmaker(self.engine))
        Base.metadata.create_all(self.engine)

    def fill(self, count: int) -> None:
        with self.engine.begin() as connection:
            if count:
                connection.execute(Order.__table__.insert(), [{"cents": n} for n in range(1, count + 1)])


class Project:
    """A folder with an application and scripts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "offline_script"
        self.app = Erlen("shop", instance_path=str(root / "instance"))
        self.kept = root / "instance" / "script-log"

    def write(self, where: str, text: str) -> Script:
        """Write a script, `place/name`, and return it."""
        place, _, name = where.partition("/")
        found = Script(self.folder, place, name)
        found.path.parent.mkdir(parents=True, exist_ok=True)
        found.path.write_text(textwrap.dedent(text), encoding="utf-8")
        return found

    def type(self, *words: str, app: Erlen | None = None, stdin: str | None = None) -> Result:
        """Run `erlen script` with these words, in this process."""
        info = ScriptInfo(create_app=lambda: app or self.app)
        return CliRunner().invoke(script, words, obj=info, input=stdin)

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Start `erlen script` with these words, as a process; the application is `app.py`."""
        return subprocess.Popen(
            [sys.executable, "-m", "erlen", "script", *words],
            cwd=self.root,
            env=self.environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self) -> dict[str, str]:
        mine = ("FLASK_", "ERLEN_", "OFFLINE_SCRIPTS")
        return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OFFLINE_SCRIPTS", raising=False)
    monkeypatch.setenv("FLASK_DEBUG", "0")
    monkeypatch.setenv("ERLEN_DEVELOPER", "zhangsan")
    yield Project(tmp_path)
    set_current_run(Run())


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "shop.db")
    yield made
    made.session.remove()
    made.engine.dispose()


@pytest.fixture
def repository(project: Project) -> Project:
    """Make the project's folder a git repository."""
    for words in (["init", "-q"], ["config", "user.name", "Ada Lovelace"], ["config", "user.email", "a@b.c"]):
        git(project, *words)
    return project


def git(project: Project, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=project.root, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(name="git")
def git_fixture() -> object:
    return git
