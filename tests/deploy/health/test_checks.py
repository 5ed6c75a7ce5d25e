"""The checks that come with Erlen: disk, Redis, databases, migrations, with real servers and libraries."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
import redis as redis_py
import redis.asyncio as redis_async
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.ext.asyncio import create_async_engine

from erlen import Erlen
from erlen.deploy.health import checks, init_app
from erlen.deploy.health.runs import Check, CheckFailed, call
from tests.channels.conftest import RedisServer

GUARD = 30
PROTOCOLS = ("wsgi", "asgi")


def status(function: t.Any, app: Erlen | None = None, protocol: str = "wsgi") -> str:
    """Return the status of a check, as ``/readyz`` tells it."""
    app = app or Erlen("silent")
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
    redis_server: RedisServer,
    protocol: str,
) -> None:
    with redis_py.Redis.from_url(redis_server.url) as client:
        functions = [checks.redis(redis_server.url), checks.redis(client)]
        assert [status(function, protocol=protocol) for function in functions] == ["ok"] * 2
        redis_server.stop()
        assert [status(function, protocol=protocol) for function in functions] == ["failed"] * 2
        redis_server.start()
        assert [status(function, protocol=protocol) for function in functions] == ["ok"] * 2


def test_an_asynchronous_client_is_asked_on_its_loop(redis_server: RedisServer) -> None:
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


def test_a_redis_server_that_hangs_is_late(redis_server: RedisServer) -> None:
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


@pytest.fixture
def engine(tmp_path: Path) -> t.Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/shop.db")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_database_is_asked_by_its_engine(engine: Engine, tmp_path: Path, protocol: str) -> None:
    assert status(checks.database(engine), protocol=protocol) == "ok"
    lost = create_engine(f"sqlite:///{tmp_path}/nowhere/shop.db")
    assert status(checks.database(lost), protocol=protocol) == "failed"


def refuse(*_: object) -> None:
    raise ConnectionRefusedError


@pytest.mark.parametrize("is_there", [True, False])
def test_a_database_is_asked_by_its_asynchronous_engine(tmp_path: Path, *, is_there: bool) -> None:
    async def main() -> int:
        engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/shop.db")
        if not is_there:
            event.listen(engine.sync_engine, "do_connect", refuse)
        app = Erlen("silent")
        app.logger.disabled = True
        init_app(app, timeout=GUARD).check("database", checks.database(engine))
        async with app.async_test_client() as client:
            answer = await client.get("/readyz")
        await engine.dispose()
        return answer.status_code

    assert asyncio.run(main()) == (200 if is_there else 503)


def test_a_check_that_needs_an_extension_says_so() -> None:
    app = Erlen("silent")
    for function in (checks.database(), checks.migrations()):
        with pytest.raises(
            CheckFailed, match=r"The application has no Flask-\w+, and the check was given no"
        ):
            call(app, Check("check", function, GUARD))


# migrations

SCRIPT = """
revision, down_revision = {revision!r}, {before!r}
def upgrade(): pass
def downgrade(): pass
"""
ENVIRONMENT = """
from alembic import context
with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection)
    context.run_migrations()
"""


@pytest.fixture
def config(tmp_path: Path, engine: Engine) -> Config:
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENVIRONMENT)
    (folder / "alembic.ini").write_text(f"[alembic]\nscript_location = {folder}\npath_separator = os\n")
    config = Config(folder / "alembic.ini")
    config.attributes["engine"] = engine
    add(config, "one", None)
    add(config, "two", "one")
    return config


def add(config: Config, revision: str, before: t.Any) -> None:
    script = Path(config.get_main_option("script_location") or "") / "versions" / f"{revision}.py"
    script.write_text(SCRIPT.format(revision=revision, before=before))


def test_a_database_is_at_head_when_all_migrations_have_been_applied(config: Config, engine: Engine) -> None:
    told = []
    for revision in (None, "one", "two"):
        if revision is not None:
            command.upgrade(config, revision)
        told.append(status(checks.migrations(config, engine)))
    assert told == ["failed", "failed", "ok"]
    assert status(checks.migrations(config.config_file_name, engine)) == "ok"


def test_a_newer_database_is_accepted_unless_told_otherwise(config: Config, engine: Engine) -> None:
    old = checks.migrations(config, engine), checks.migrations(config, engine, newer=False)
    command.upgrade(config, "two")
    assert [status(function) for function in old] == ["ok", "ok"]
    add(config, "three", "two")  # the new release has it
    command.upgrade(config, "three")
    assert [status(function) for function in old] == ["ok", "failed"]
    assert status(checks.migrations(config, engine, newer=False)) == "ok"


def test_each_branch_has_to_be_at_its_head(config: Config, engine: Engine) -> None:
    add(config, "side", "one")
    command.upgrade(config, "two")
    assert status(checks.migrations(config, engine)) == "failed"
    command.upgrade(config, "heads")
    assert status(checks.migrations(config, engine)) == "ok"


def test_the_options_are_alembics(config: Config, engine: Engine) -> None:
    command.upgrade(config, "two")
    assert status(checks.migrations(config, engine, version_table="another")) == "failed"


def test_a_configuration_and_an_engine_go_together(config: Config, engine: Engine) -> None:
    for arguments in ((config, None), (None, engine)):
        with pytest.raises(TypeError, match="go together"):
            checks.migrations(*arguments)


# the extensions, which import flask: a process of their own, where that means Erlen

PROGRAM = """
import json, logging, pathlib
import flask, flask_migrate
from flask_sqlalchemy import SQLAlchemy
from erlen.deploy import health

logging.disable()
told = []

def ask(app):
    for protocol in ("wsgi", "asgi"):
        checks = app.test_client(protocol=protocol).get("/readyz").json["checks"]
        told.append({name: check["status"] for name, check in checks.items()})

app = flask.Flask("shop")
db = SQLAlchemy()
db.Table("things", db.metadata, db.Column("id", db.Integer, primary_key=True))
checks = health.init_app(app, timeout=30)
ask(app)  # before there is an extension
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{pathlib.Path('shop.db').absolute()}"
app.config["SQLALCHEMY_BINDS"] = {"other": f"sqlite:///{pathlib.Path('later/other.db').absolute()}"}
app._got_first_request = False
db.init_app(app)
flask_migrate.Migrate(app, db)
ask(app)  # one of the two databases has no folder
pathlib.Path("later").mkdir()
checks.check("migrations", health.checks.migrations())
with app.app_context():
    flask_migrate.init()
    flask_migrate.migrate()
ask(app)
with app.app_context():
    flask_migrate.upgrade()
ask(app)

without = flask.Flask("without")
without.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
SQLAlchemy().init_app(without)
health.init_app(without, database=False)
ask(without)
print(json.dumps(told))
"""


@pytest.mark.slow
def test_the_extensions_engines_and_migrations_are_found(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "ERLEN_AS_FLASK": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    failing = {"database": "ok", "migrations": "failed"}
    assert told[::2] == [{}, {"database": "failed"}, failing, {"database": "ok", "migrations": "ok"}, {}]
    assert told[::2] == told[1::2]
