"""Releases and rollbacks from the first step to the last, with a pip that installs nothing."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.deploy.release import application, making, records, sources
from erlen.deploy.release.environment import Installation
from erlen.deploy.release.errors import BUSY, NOT_RELOADED, SWITCHED_BACK, ReleaseError
from erlen.deploy.release.layout import Layout
from erlen.deploy.release.lock import locked
from erlen.deploy.release.making import Choices, Making
from erlen.deploy.release.serving import Serving

pytestmark = pytest.mark.slow

PROGRAM = """
from flask import Flask
app = Flask(__name__)
"""


class Site:
    """A site, the code for it, and a command for reloads that can be told to fail."""

    def __init__(self, layout: Layout, python: str) -> None:
        self.layout = layout
        self.code = layout.root.parent / "code"
        self.code.mkdir()
        (self.code / "shop.py").write_text(PROGRAM)
        self.reloads = layout.root.parent / "reloads"
        # If it is there, only the release in it can be reloaded.
        self.allowed = layout.root.parent / "allowed"
        script = layout.root.parent / "reload"
        script.write_text(
            f"#!/bin/sh\nreadlink {layout.current} >> {self.reloads}\n"
            f'[ ! -e {self.allowed} ] || [ "$(readlink {layout.current})" = "$(cat {self.allowed})" ] ||\n'
            "    { echo worker does not start; exit 8; }\n"
        )
        script.chmod(0o755)
        self.serving = Serving("shop", (str(script),))
        self.lines: list[str] = []
        self.choices = Choices("shop", None, Installation(python), keep=3, with_check=False)

    def release(self, **changes: object) -> str:
        Making(self.layout, self.serving, self.lines.append).release(
            sources.open_source(self.code, self.layout.releases),
            Choices(**{**vars(self.choices), **changes}),  # type: ignore[arg-type]
        )
        return self.layout.current_name() or ""

    def rollback(self) -> str:
        Making(self.layout, self.serving, self.lines.append).rollback()
        return self.layout.current_name() or ""

    def reloaded(self) -> list[str]:
        """Return where the link led at each reload, and forget it."""
        text = self.reloads.read_text() if self.reloads.exists() else ""
        self.reloads.unlink(missing_ok=True)
        return [line.removeprefix("releases/") for line in text.splitlines()]

    def failed(self) -> list[str]:
        return [name for name in os.listdir(self.layout.releases) if name.endswith(".failed")]


@pytest.fixture
def site(layout: Layout, python: str) -> Site:
    return Site(layout, python)


def test_releases_follow_each_other_and_a_rollback_goes_to_the_one_before(site: Site) -> None:
    (site.layout.shared / ".env").write_text("A=1")
    (site.code / ".env").write_text("A=2")
    first = site.release()
    assert site.reloaded() == [first]
    assert (site.layout.current / ".env").read_text() == "A=1"
    steps = [line.split()[0] for line in site.lines if line[0] != " "]
    assert steps == ["release", "copy", "link", "install", "load", "switch", "reload", "served", "clean"]
    assert "          Not taken: .env." in site.lines

    second, third = site.release(), site.release()
    assert site.layout.record(third) == records.Record("served", f"the folder {site.code}", second)
    assert (site.rollback(), site.rollback()) == (second, first)
    assert site.reloaded() == [second, third, second, first]
    with pytest.raises(ReleaseError, match=f"There is no release before {first}"):
        site.rollback()

    # What comes after a rollback goes back to what served, not to what was rolled back.
    fourth = site.release(keep=2)
    assert site.layout.names() == [first, third, fourth]
    assert site.rollback() == first


def test_the_user_that_serves_can_read_what_somebody_with_a_narrow_umask_makes(site: Site) -> None:
    (site.code / "templates" / "parts").mkdir(parents=True)
    (site.code / "templates" / "parts" / "page.html").touch()
    shutil.rmtree(site.layout.releases)
    before = os.umask(0o077)
    try:
        site.release()
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    closed = [
        path
        for path in site.layout.releases.rglob("*")
        if not path.is_symlink() and not path.stat().st_mode & 4
    ]
    assert [path.name for path in closed] == [".lock"]


@pytest.mark.parametrize("keep", [1, 2])
def test_old_releases_are_removed(site: Site, keep: int) -> None:
    made = [site.release(keep=keep) for _ in range(4)]
    assert site.layout.names() == made[-2:]


def fails(name: str) -> Callable[..., None]:
    def failing(*_: object, **__: object) -> None:
        raise ReleaseError(f"{name} fails")

    return failing


@pytest.mark.parametrize(
    ("module", "name", "step"),
    [
        (making, "Writer", "copy"),
        (application, "link_shared", "link"),
        (making.environment, "make", "install"),
        (making.environment, "install", "install"),
        (application.Application, "load", "load"),
        (application.Application, "check", "check"),
        (application.Application, "migrate", "migrate"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_a_step_fails_nothing_is_switched(
    module: object, name: str, step: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.release()
    facts = application.Facts("/", "3", has_migrations=True)
    monkeypatch.setattr(application.Application, "load", lambda _: facts)
    monkeypatch.setattr(application.Application, "check", lambda _: "fine")
    monkeypatch.setattr(module, name, fails(name))
    site.reloaded()
    with pytest.raises(ReleaseError, match=f"{name} fails"):
        site.release(with_check=True)
    assert [line for line in site.lines if line[0] != " "][-1].startswith(step)
    assert "          Nothing was switched." in site.lines
    assert ("          What the migrations have done is not undone." in site.lines) == (step == "migrate")
    assert site.layout.current_name() == first
    assert site.reloaded() == []
    assert len(site.failed()) == 1
    # The next one works, and removes what is left.
    monkeypatch.undo()
    assert site.release() > first
    assert site.failed() == []


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left"), ReleaseError("pip: No space left on device")],
    ids=["system", "pip"],
)
def test_when_the_disk_is_full_what_was_made_is_removed(
    error: Exception, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(making.environment, "install", full)
    with pytest.raises(ReleaseError, match=r"disk is full|No space left"):
        site.release()
    assert os.listdir(site.layout.releases) == [".lock"]


def test_when_the_reload_fails_it_is_switched_back(site: Site) -> None:
    first = site.release()
    site.reloaded()
    site.allowed.write_text(f"releases/{first}")
    with pytest.raises(ReleaseError) as raised:
        site.release()
    assert raised.value.status == SWITCHED_BACK
    assert "worker does not start" in raised.value.message
    assert raised.value.message.endswith(f"Switched back: releases/{first} serves on.")
    assert site.layout.current_name() == first
    failed, again = site.reloaded()
    assert (again, site.failed()) == (first, [f"{failed}.failed"])
    # It is no release to go back to.
    site.allowed.unlink()
    second = site.release()
    assert site.rollback() == first < second


def test_when_going_back_fails_too_it_is_told(site: Site) -> None:
    first = site.release()
    site.allowed.write_text("none")
    with pytest.raises(ReleaseError, match="Going back failed, too") as raised:
        site.release()
    assert raised.value.status == NOT_RELOADED
    assert f"'current' leads to releases/{first}." in raised.value.message
    assert site.layout.current_name() == first


def test_when_the_first_release_does_not_serve_there_is_nothing_to_go_back_to(site: Site) -> None:
    site.allowed.write_text("none")
    with pytest.raises(ReleaseError, match="There is no release to go back to: nothing serves"):
        site.release()
    assert site.layout.link() is None


def test_a_rollback_that_fails_is_switched_back_and_keeps_both(site: Site) -> None:
    first, second = site.release(), site.release()
    site.allowed.write_text(f"releases/{second}")
    with pytest.raises(ReleaseError, match=f"Switched back: releases/{second} serves on"):
        site.rollback()
    assert site.layout.current_name() == second
    assert site.layout.names() == [first, second]


def test_a_rollback_needs_a_release_that_serves(site: Site) -> None:
    (site.layout.releases).mkdir(exist_ok=True)
    with pytest.raises(ReleaseError, match="current leads to no release"):
        site.rollback()


def test_what_led_elsewhere_is_gone_back_to(site: Site) -> None:
    """Before the first release the link may lead to code that was put there by hand."""
    (site.layout.root / "by-hand").mkdir()
    site.layout.switch("by-hand")
    site.allowed.write_text("by-hand")
    with pytest.raises(ReleaseError, match="Switched back: by-hand serves on"):
        site.release()
    assert site.layout.link() == "by-hand"


def test_an_interruption_during_the_reload_is_undone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first = site.release()
    site.reloaded()
    reload = Serving.reload

    def interrupted(self: Serving, action: tuple[str, ...]) -> None:
        monkeypatch.setattr(Serving, "reload", reload)
        os.kill(os.getpid(), signal.SIGHUP)  # the connection of ssh ends

    monkeypatch.setattr(Serving, "reload", interrupted)
    with pytest.raises(ReleaseError, match=r"KeyboardInterrupt: SIGHUP\nSwitched back"):
        site.release()
    assert site.layout.current_name() == first
    assert site.reloaded() == [first]


def test_an_interruption_before_the_switch_leaves_everything(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.release()
    monkeypatch.setattr(making.environment, "install", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(KeyboardInterrupt):
        site.release()
    assert site.layout.current_name() == first
    assert len(site.failed()) == 1


def test_two_releases_at_once_are_refused(site: Site) -> None:
    with locked(site.layout.releases), pytest.raises(ReleaseError, match="under way") as raised:
        site.release()
    assert raised.value.status == BUSY


# killed

KILLED = """
import json, os, sys
from pathlib import Path
from erlen.deploy.release import making, sources, steps
from erlen.deploy.release.environment import Installation
from erlen.deploy.release.layout import Layout
from erlen.deploy.release.serving import Serving

told = json.loads(sys.argv[1])
step = steps.Steps.step

def killed(self, name, text):
    if name == told["step"]:
        os.kill(os.getpid(), 9)
    return step(self, name, text)

steps.Steps.step = killed
layout = Layout(Path(told["root"]))
choices = making.Choices("shop", None, Installation(told["python"]), keep=3, with_check=False)
source = sources.open_source(Path(told["code"]), layout.releases)
making.Making(layout, Serving("shop", tuple(told["reload"])), print).release(source, choices)
"""


@pytest.mark.parametrize(
    "step", ["release", "copy", "link", "install", "load", "switch", "reload", "served", "clean"]
)
def test_after_a_run_that_was_killed_the_next_one_works(step: str, site: Site) -> None:
    first = site.release()
    told = {
        "step": step,
        "root": str(site.layout.root),
        "code": str(site.code),
        "python": site.choices.installation.python,
        "reload": site.serving.command,
    }
    run = subprocess.run([sys.executable, "-c", KILLED, json.dumps(told)], timeout=60, capture_output=True)
    assert run.returncode == -9, run.stderr.decode()
    # Whatever is current is complete.
    current = site.layout.current_name()
    assert current is not None
    assert (current != first) == (step in ("reload", "served", "clean"))
    assert site.layout.record(current).state in ("complete", "served")
    second = site.release()
    assert second > current
    states = {name: site.layout.record(name).state for name in site.layout.names()}
    assert "begun" not in states.values()
    assert sorted(os.listdir(site.layout.root)) == ["current", "releases", "shared"]
    # A rollback goes to a release that has served.
    served = current if step == "clean" else first
    assert site.rollback() == served


# migrations

SHOP_WITH_DATABASE = """
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__, instance_relative_config=True)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
db = SQLAlchemy(app)
Migrate(app, db)
"""
MIGRATION = """
from alembic import op
import sqlalchemy as sa

revision, down_revision = "1", None


def upgrade():
    op.create_table("parcel", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("parcel")
"""


def test_the_database_that_the_releases_share_is_migrated(site: Site) -> None:
    (site.code / "shop.py").write_text(SHOP_WITH_DATABASE)
    erlen = Path(sys.executable).with_name("erlen")
    words = [erlen, "--app", "shop", "db", "init"]
    subprocess.run(words, cwd=site.code, check=True, capture_output=True, timeout=60)
    (site.code / "migrations" / "versions" / "1.py").write_text(MIGRATION)
    site.release()
    assert "migrate   erlen db upgrade" in site.lines
    with contextlib.closing(sqlite3.connect(site.layout.shared / "instance" / "shop.db")) as database:
        assert database.execute("SELECT count(*) FROM parcel").fetchone() == (0,)
