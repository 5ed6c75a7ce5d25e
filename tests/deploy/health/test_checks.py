"""The checks that come with Erlen: disk, Redis, databases, migrations, by their real servers and libraries."""

from __future__ import annotations

import asyncio
import shutil
import textwrap
import typing as t
from pathlib import Path

import flask_migrate
import pytest
import redis as redis_py
import redis.asyncio as redis_async
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from erlen import Erlen
from erlen.deploy.health import checks, init_app
from erlen.deploy.health.runs import Check, CheckFailed, call
from tests.channels.conftest import RedisServer, redis_server  # noqa: F401  # a fixture

GUARD = 30
PROTOCOLS = ("wsgi", "asgi")


def status(function: t.Any, app: Erlen | None = None, protocol: str = "wsgi") -> str:
    """Return the status of a check, as ``/readyz`` tells it."""
    app = app or Erlen(__name__)
    app.logger.disabled = True
    app.direct_answers.clear()
    init_app(app, timeout=GUARD).check("check", function)
    told: str = app.test_client(protocol=protocol).get("/readyz").json["checks"]["check"]["status"]
    return told


# disk


def test_a_disk_needs_so_many_bytes(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert status(checks.disk(tmp_path, free // 2)) == "ok"
    assert status(checks.disk(tmp_path, free * 2)) == "failed"
    assert status(checks.disk(tmp_path / "nowhere", 1)) == "failed"


# Redis


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_redis_server_is_asked_by_its_url_and_by_clients(
    redis_server: RedisServer,  # noqa: F811
    protocol: str,
) -> None:
    with redis_py.Redis.from_url(redis_server.url) as client:
        functions = [checks.redis(redis_server.url), checks.redis(client)]
        assert [status(function, protocol=protocol) for function in functions] == ["ok"] * 2
        redis_server.stop()
        assert [status(function, protocol=protocol) for function in functions] == ["failed"] * 2
        redis_server.start()
        assert [status(function, protocol=protocol) for function in functions] == ["ok"] * 2


def test_an_asynchronous_client_is_asked_on_its_loop(redis_server: RedisServer) -> None:  # noqa: F811
    async def main() -> list[int]:
        app, statuses = Erlen(__name__), []
        async with redis_async.Redis.from_url(redis_server.url) as client, app.async_test_client() as asking:
            await client.ping()  # the connection belongs to this loop
            init_app(app, timeout=GUARD).check("redis", checks.redis(client))
            statuses.append((await asking.get("/readyz")).status_code)
            redis_server.stop()
            app.logger.disabled = True
            statuses.append((await asking.get("/readyz")).status_code)
        return statuses

    assert asyncio.run(main()) == [200, 503]


def test_a_redis_server_that_hangs_is_late(redis_server: RedisServer) -> None:  # noqa: F811
    app = Erlen(__name__)
    init_app(app).check("redis", checks.redis(redis_server.url), timeout=0.2)
    redis_server.pause()
    try:
        app.logger.disabled = True
        told = app.test_client().get("/readyz").json["checks"]["redis"]["status"]
    finally:
        redis_server.resume()
    assert told == "late"


# databases


def shop(tmp_path: Path, binds: dict[str, str] | None = None) -> Erlen:
    """Make an application with Flask-SQLAlchemy and Flask-Migrate."""
    import flask
    from flask_sqlalchemy import SQLAlchemy

    app: t.Any = Erlen(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/shop.db"
    app.config["SQLALCHEMY_BINDS"] = binds or {}
    assert flask is not None
    db = SQLAlchemy()
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(tmp_path / "migrations"))
    return t.cast("Erlen", app)
