"""The databases of an application are read from its settings."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import make_url

from erlen import Erlen
from erlen.deploy.check.examined import Examined
from erlen.deploy.check.risks.databases import Database, databases_of


def examined(**settings: Any) -> Examined:
    app = Erlen("shop")
    app.config.update(settings)
    return Examined(app, Path("/nowhere"))


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("sqlite://", Database(is_in_memory=True)),
        ("sqlite:///:memory:", Database(is_in_memory=True)),
        ("sqlite:///file::memory:?cache=shared&uri=true", Database(is_in_memory=True)),
        ("sqlite:///file:name?mode=memory&uri=true", Database(is_in_memory=True)),
        ("sqlite:////srv/shop.db", Database(Path("/srv/shop.db"))),
        ("sqlite+aiosqlite:////srv/shop.db", Database(Path("/srv/shop.db"))),
        ("sqlite:////srv/shop.db?mode=ro&uri=true", Database(Path("/srv/shop.db"), is_read_only=True)),
        (
            "sqlite:///file:/srv/shop.db?immutable=1&uri=true",
            Database(Path("/srv/shop.db"), is_read_only=True),
        ),
        ("postgresql://shop@db/shop", Database()),
    ],
)
def test_a_url_says_what_database_it_is(url: str, database: Database) -> None:
    shop = examined()
    engines = {None: SimpleNamespace(url=make_url(url))}
    shop.app.extensions["sqlalchemy"] = SimpleNamespace(engines=engines)
    assert databases_of(shop) == [("SQLALCHEMY_DATABASE_URI", database)]


@pytest.mark.parametrize("extension", [SimpleNamespace(), None])
def test_an_extension_without_engines_has_no_databases(extension: object) -> None:
    shop = examined()
    shop.app.extensions["sqlalchemy"] = extension
    assert databases_of(shop) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("/srv/shop.sqlite3", [("DATABASE", Database(Path("/srv/shop.sqlite3")))]),
        (Path("shop.db"), [("DATABASE", Database(Path(os.path.abspath("shop.db"))))]),
        (":memory:", [("DATABASE", Database(is_in_memory=True))]),
        ("postgresql://shop@db/shop", []),
        ({"name": "shop.db"}, []),
        (None, []),
    ],
)
def test_a_path_counts_without_sqlalchemy(value: object, found: object) -> None:
    assert databases_of(examined(DATABASE=value)) == found
