"""What one process has in its memory is not what others need."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.check.risks.cases import Case

Checked = Callable[[Case], None]

ALCHEMY = """
from flask_sqlalchemy import SQLAlchemy
SQLAlchemy(app)
"""
LIMITER = """
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
Limiter(get_remote_address, app=app, storage_uri="memory://"){mark}
"""
MEMORY = 'app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///:memory:"'
FILE = 'app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:////tmp/no.db"\n'
CACHE = """
from flask_caching import Cache
Cache(app)
"""
CASES = (
    Case("database-in-memory", f"{MEMORY}  #!{ALCHEMY}", MEMORY, workers=1),
    Case("database-in-memory-workers", f"{MEMORY}  #!{ALCHEMY}", MEMORY, workers=4),
    Case(
        "database-in-memory-workers",
        FILE + 'app.config["SQLALCHEMY_BINDS"] = {"log": "sqlite://"}  #!' + ALCHEMY,
        FILE + ALCHEMY,
        "of a bind, by the variable",
        environ={"WEB_CONCURRENCY": "3"},
    ),
    Case(
        "database-in-memory-workers",
        'app.config["DATABASE"] = ":memory:"  #!',
        'app.config["DATABASE"] = "shop.db"',
        "without SQLAlchemy",
        workers=2,
    ),
    Case(
        "rate-limit-in-memory",
        LIMITER.format(mark="  #!"),
        LIMITER.format(mark=""),
        workers=2,
        right_workers=1,
    ),
    Case(
        "cache-in-memory",
        f'app.config["CACHE_TYPE"] = "SimpleCache"  #!{CACHE}',
        f'app.config.update(CACHE_TYPE="FileSystemCache", CACHE_DIR=app.root_path + "/cache"){CACHE}',
        workers=2,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_mistake_is_found_at_its_line_and_its_right_neighbour_is_not(
    case: Case, checked: Checked
) -> None:
    checked(case)
