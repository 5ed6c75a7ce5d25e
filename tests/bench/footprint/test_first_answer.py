"""A process is started, asked once, and says what it answered and how long that took."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.footprint.first_answer import answer_once, make_database
from bench.measure import CannotMeasure

APPLICATION = """
import sqlite3
from flask import Flask, render_template_string

def create_app(config):
    app = Flask(__name__)
    app.config.update(config)

    @app.get("/hello")
    def hello():
        return "Hello, World!"

    @app.get("/")
    def posts():
        rows = sqlite3.connect(app.config["DATABASE"]).execute("SELECT title FROM post").fetchall()
        return render_template_string("{% for row in rows %}{{ row[0] }};{% endfor %}", rows=rows)

    return app
"""
SCHEMA = """
CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT, password TEXT);
CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, created TIMESTAMP, title TEXT, body TEXT);
"""


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """An application like that of the tutorial."""
    (tmp_path / "flaskr").mkdir()
    (tmp_path / "flaskr" / "__init__.py").write_text(APPLICATION)
    (tmp_path / "flaskr" / "schema.sql").write_text(SCHEMA)
    return tmp_path


@pytest.mark.slow
def test_both_frameworks_give_the_first_answer(application: Path) -> None:
    database = make_database(application, application / "flaskr.sqlite")
    for page, body in {"/hello": "Hello, World!", "/": "Post 0;Post 1;Post 2;Post 3;Post 4;"}.items():
        for framework in ("erlen", "flask"):
            told = answer_once(framework, application, database, page)
            assert (told.status, told.body) == ("200 OK", body)
            assert told.cpu_milliseconds > 0
            assert told.milliseconds > 0


def test_an_application_that_breaks_is_not_measured(application: Path) -> None:
    (application / "flaskr" / "__init__.py").write_text("raise ZeroDivisionError")
    with pytest.raises(CannotMeasure, match="breaks on erlen"):
        answer_once("erlen", application, application, "/")
