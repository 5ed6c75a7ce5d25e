from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from shop import create_app
from shop.models import Customer, Order, db

FOLDER = Path(__file__).parents[1]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Make an application with a database of the test's own, and push its context."""
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("SHOP_DATABASE", f"sqlite:///{tmp_path / 'shop.db'}")
    app = create_app()
    app.instance_path = str(tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def fill(app: Flask) -> Callable[[int], None]:
    """Give what puts orders into the database, and one customer who has ordered nothing."""

    def fill(count: int) -> None:
        db.session.add_all([Customer(id=1, name="Ada"), Customer(id=2, name="Grace")])
        db.session.flush()
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
        db.session.execute(
            text(
                "INSERT INTO orders (id, customer_id, cents, state) "
                f"{numbers} SELECT i, 1, i * 7, CASE i % 2 WHEN 0 THEN 'sent' ELSE 'new' END FROM n"
            ),
            {"count": count},
        )
        db.session.commit()
        assert db.session.query(Order).count() == count

    return fill


@pytest.fixture
def project(app: Flask, tmp_path: Path) -> Path:
    """Copy the project: what runs in it leaves its logs there."""
    import shutil

    ignored = shutil.ignore_patterns("instance", "__pycache__", ".pytest_cache")
    return Path(shutil.copytree(FOLDER, tmp_path / "project", ignore=ignored))


@pytest.fixture
def start(app: Flask, project: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Give what starts `erlen script` as one would at a terminal."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "erlen", "script", *words],
            cwd=project,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def type_(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., str]:
    """Give what runs `erlen script` and returns what it printed."""

    def type_(*words: str) -> str:
        process = start(*words)
        printed, errors = process.communicate(timeout=120)
        assert process.returncode == 0, printed + errors
        return printed

    return type_
