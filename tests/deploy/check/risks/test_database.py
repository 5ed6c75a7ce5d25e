"""The database has the tables of this release."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.check.risks.cases import Case, environment, write

Checked = Callable[[Case], None]

ALCHEMY = """
from flask_sqlalchemy import SQLAlchemy
app.config["SQLALCHEMY_DATABASE_URI"] = {url}{mark}
db = SQLAlchemy(app)

class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""
FILE = '"sqlite:///" + app.root_path + "/shop.db"'
MIGRATE = """
from flask_migrate import Migrate, upgrade
Migrate(app, db, directory=os.path.join(app.root_path, "migrations"))
"""
CREATE = """
with app.app_context():
    db.create_all()
"""
UPGRADE = """
with app.app_context():
    upgrade(revision="{revision}")
"""
ENV = """
from alembic import context
from flask import current_app
with current_app.extensions["migrate"].db.engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
MIGRATIONS = {
    "migrations/alembic.ini": "[alembic]\n",
    "migrations/env.py": ENV,
    "migrations/versions/one.py": "revision, down_revision = '1', None\ndef upgrade():\n    pass\n",
    "migrations/versions/two.py": "revision, down_revision = '2', '1'\ndef upgrade():\n    pass\n",
}
WRONG = ALCHEMY.format(url=FILE, mark="  #!")
RIGHT = ALCHEMY.format(url=FILE, mark="")
CASES = (
    Case("database-missing", WRONG, RIGHT + CREATE),
    Case("tables-missing", WRONG + "open(app.root_path + '/shop.db', 'w').close()", RIGHT + CREATE),
    Case(
        "database-missing",
        {"app.py": WRONG + MIGRATE, **MIGRATIONS},
        {"app.py": RIGHT + MIGRATE + UPGRADE.format(revision="head"), **MIGRATIONS},
        "with migrations",
    ),
    Case(
        "migrations-pending",
        {"app.py": WRONG + MIGRATE + UPGRADE.format(revision="1"), **MIGRATIONS},
        {"app.py": RIGHT + MIGRATE + UPGRADE.format(revision="2"), **MIGRATIONS},
        "since an earlier release",
    ),
    Case(
        "migrations-pending",
        {"app.py": WRONG + MIGRATE + UPGRADE.format(revision="1"), **MIGRATIONS},
        RIGHT + CREATE + MIGRATE.replace("migrations", "none"),
        "except where the program has them elsewhere",
    ),
    Case(
        "database-unreachable",
        {"app.py": WRONG, "shop.db/x": ""},
        RIGHT + CREATE,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)


def test_a_database_that_is_not_there_is_not_made(checker: Any, tmp_path: Path) -> None:
    write(RIGHT, tmp_path)
    environ = environment(CASES[0], right=True)
    found = checker.check({"folder": str(tmp_path), "environ": environ})
    assert [kind for kind, *_ in found] == ["database-missing"]
    assert not (tmp_path / "shop.db").exists()
