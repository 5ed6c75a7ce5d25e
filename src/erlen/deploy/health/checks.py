"""Checks that come with Erlen; each function returns one, for ``health.check(name, …)``.

They import a library when a check needs it, and not before.
"""

from __future__ import annotations

import os
import shutil
import typing as t

from ...globals import current_app
from .runs import CheckFailed

if t.TYPE_CHECKING:
    import alembic.config
    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

Plain: t.TypeAlias = "t.Callable[[], None]"
Asynchronous: t.TypeAlias = "t.Callable[[], t.Awaitable[None]]"


def disk(path: str | os.PathLike[str], free: int) -> Plain:
    """Check that so many bytes are free on the disk that has *path*."""

    def check() -> None:
        left = shutil.disk_usage(path).free
        if left < free:
            raise CheckFailed(f"Only {left} bytes are free at {os.fspath(path)!r}, and {free} are needed.")

    return check


def redis(server: str | Redis | AsyncRedis) -> Plain | Asynchronous:
    """Check that a Redis server answers: its URL, or a client of the package redis."""
    try:
        import redis.asyncio
    except ImportError as error:
        raise ImportError("This check needs redis-py: pip install erlen[redis]") from error

    if isinstance(server, redis.asyncio.Redis):
        return _ping_async(server)
    # The URL may have other seconds: its options win over these.
    client: t.Any = (
        redis.Redis.from_url(server, socket_connect_timeout=10, socket_timeout=10)
        if isinstance(server, str)
        else server
    )

    def check() -> None:
        client.ping()

    return check


def _ping_async(client: t.Any) -> Asynchronous:
    async def check() -> None:
        await client.ping()

    return check


def database(engine: Engine | AsyncEngine | None = None) -> Plain | Asynchronous:
    """Check that a database answers ``SELECT 1``: an engine of SQLAlchemy, or those of Flask-SQLAlchemy."""
    if engine is None:
        return check_extension
    if hasattr(engine, "sync_engine"):
        return _select_async(engine)

    def check() -> None:
        _select(engine)

    return check


def check_extension() -> None:
    """Check all engines of Flask-SQLAlchemy in the current application."""
    extension = current_app.extensions.get("sqlalchemy")
    if extension is None:
        raise CheckFailed("The application has no Flask-SQLAlchemy, and the check was given no engine.")
    for engine in extension.engines.values():
        _select(engine)


def _select(engine: t.Any) -> None:
    from sqlalchemy import text

    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _select_async(engine: t.Any) -> Asynchronous:
    async def check() -> None:
        from sqlalchemy import text

        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    return check


def migrations(
    config: alembic.config.Config | str | os.PathLike[str] | None = None,
    engine: Engine | None = None,
    *,
    newer: bool = True,
    **options: t.Any,
) -> Plain:
    """Check that every migration of this release has been applied to the database.

    Both arguments come from Flask-Migrate, or are an Alembic configuration (or the path of its file) and an
    engine. A database that is newer than this release is accepted: workers of the old release serve on
    while the new one is brought out; *newer* says otherwise. *options* are those of Alembic's
    ``MigrationContext.configure``, such as ``version_table``.
    """
    if (config is None) is not (engine is None):
        raise TypeError("A configuration and an engine go together; Flask-Migrate has both.")
    known: list[_Revisions] = []

    def check() -> None:
        found = _from_extension() if config is None else (config, engine, {})
        if not known:  # files do not change under a process that has imported the rest of its release
            known.append(_Revisions(found[0]))
        known[0].compare(_applied(found[1], {**found[2], **options}), newer)

    return check


class _Revisions:
    """The revisions in the folder of the migrations."""

    def __init__(self, config: t.Any) -> None:
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        scripts = ScriptDirectory.from_config(config if isinstance(config, Config) else Config(str(config)))
        self.heads = set(scripts.get_heads())
        self.all = {script.revision for script in scripts.walk_revisions()}

    def compare(self, applied: set[str], newer: bool) -> None:
        """Raise CheckFailed where *applied*, what the database is at, lacks something."""
        unknown = applied - self.all
        if unknown and not newer:
            raise CheckFailed(f"The database is at {sorted(unknown)}, which this release does not have.")
        missing = self.heads - applied
        if missing and not unknown:
            raise CheckFailed(f"The database is at {sorted(applied)}, this release at {sorted(self.heads)}.")


def _from_extension() -> tuple[t.Any, t.Any, dict[str, t.Any]]:
    """Return the configuration, the engine and the options of Flask-Migrate."""
    extension = current_app.extensions.get("migrate")
    if extension is None:
        raise CheckFailed("The application has no Flask-Migrate, and the check was given no configuration.")
    return extension.migrate.get_config(), extension.db.engine, extension.configure_args


def _applied(engine: t.Any, options: dict[str, t.Any]) -> set[str]:
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        return set(MigrationContext.configure(connection, opts=options).get_current_heads())


def start_serving() -> None:
    """Start the application where no server has: what the first request would do otherwise.

    Without it, a worker whose checks need what ``before_serving`` opens would never be ready.
    """
    app = current_app._get_current_object()
    app.serving_state.start_from_thread(app)
