"""Risks of several processes: what each keeps in its memory, the others do not have."""

from __future__ import annotations

import os
import typing as t

from ...serve.cpus import default_workers
from ...serve.errors import ServeError
from ..finding import Finding, Kind, Level
from . import written
from .databases import databases_of

if t.TYPE_CHECKING:
    from ..examined import Examined

DATABASE = Kind(
    "database-in-memory",
    Level.WARNING,
    "All data are gone when the process ends, as at each deployment.",
)
DATABASES = Kind(
    "database-in-memory-workers",
    Level.ERROR,
    "Each process has a database of its own: what one has written, the others do not find.",
)
LIMITER = Kind(
    "rate-limit-in-memory",
    Level.WARNING,
    "Each process counts for itself, so a client may send as many times the limit as there are processes.",
)
CACHE = Kind(
    "cache-in-memory",
    Level.INFO,
    "Each process has a cache of its own: what one has deleted, the others go on answering.",
)


def check_memory(examined: Examined) -> t.Iterator[Finding]:
    """Find databases, counters and caches that are in the memory of one process."""
    workers = workers_of(examined)
    for key, database in databases_of(examined):
        if database.is_in_memory:
            place = written.place_of_setting(examined, key)
            line = f'app.config["{key}"] = os.environ["DATABASE_URL"]'
            kind = DATABASES if workers > 1 else DATABASE
            yield kind.found(f"The database of {key} is in memory{_among(workers)}.", place, write=line)
    if workers > 1:
        yield from _counters(examined, workers)


def workers_of(examined: Examined) -> int:
    """Return how many processes are to serve, as far as that is known."""
    if examined.target.workers is not None:
        return examined.target.workers
    try:
        return default_workers(os.environ)
    except ServeError:
        return 1


def _counters(examined: Examined, workers: int) -> t.Iterator[Finding]:
    extensions = examined.app.extensions
    limiters: t.Iterable[t.Any] = extensions.get("limiter") or ()
    for limiter in limiters if isinstance(limiters, (set, list, tuple)) else ():
        # Without being turned on it has no storage.
        if getattr(limiter, "enabled", False) and type(limiter.storage).__name__ == "MemoryStorage":
            place = written.place_of_setting(examined, "RATELIMIT_STORAGE_URI")
            place = place or written.place_of_call(examined, "Limiter")
            line = 'app.config["RATELIMIT_STORAGE_URI"] = "redis://127.0.0.1:6379/0"'
            yield LIMITER.found(f"Flask-Limiter counts in memory{_among(workers)}.", place, write=line)
    caches: t.Any = extensions.get("cache")
    for cache in caches.values() if isinstance(caches, dict) else ():
        if type(cache).__name__ == "SimpleCache":
            place = written.place_of_setting(examined, "CACHE_TYPE")
            place = place or written.place_of_call(examined, "Cache")
            line = 'app.config["CACHE_TYPE"] = "RedisCache"'
            yield CACHE.found(
                f"Flask-Caching keeps its values in memory{_among(workers)}.", place, write=line
            )


def _among(workers: int) -> str:
    return f", and there are {workers} processes" if workers > 1 else ""
