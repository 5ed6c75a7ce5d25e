"""The caches in memory and in files."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.legacy.libraries import caches
from erlen.legacy.libraries.caches import BaseCache, FileSystemCache, NullCache, SimpleCache


@pytest.fixture(params=["memory", "files"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> BaseCache:
    return (
        SimpleCache(threshold=6) if request.param == "memory" else FileSystemCache(str(tmp_path), threshold=6)
    )


def test_a_cache_gives_back_what_it_was_given(cache: BaseCache) -> None:
    assert cache.get("key") is None
    assert cache.set("key", {"list": [1, (2,)]})
    assert cache.get("key") == {"list": [1, (2,)]}
    assert cache.has("key")
    assert not cache.has("other")
    assert not cache.add("key", 1)
    assert cache.add("other", 1)
    assert cache.delete("key")
    assert not cache.delete("key")
    assert cache.get("key") is None


def test_a_value_is_a_copy(cache: BaseCache) -> None:
    value = [1]
    cache.set("key", value)
    value.append(2)
    assert cache.get("key") == [1]


def test_several_values_and_numbers(cache: BaseCache) -> None:
    assert cache.set_many({"a": 1, "b": 2})
    assert cache.set_many([("c", 3)])
    assert cache.get_many("a", "c", "x") == [1, 3, None]
    assert cache.get_dict("b", "x") == {"b": 2, "x": None}
    assert not cache.delete_many("a", "x")
    assert cache.inc("a") == 1
    assert cache.inc("a", 5) == 6
    assert cache.dec("a") == 5


def test_a_value_is_gone_when_its_time_is_over(cache: BaseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.time", lambda: now)
    cache.set("short", 1, timeout=10)
    cache.set("default", 1)
    cache.set("forever", 1, timeout=0)
    cache.set("never", 1, timeout=-1)
    assert [cache.get(key) for key in ("short", "default", "forever", "never")] == [1, 1, 1, None]
    now += 11
    assert [cache.has(key) for key in ("short", "default", "forever")] == [False, True, True]
    now += 300
    assert cache.get_many("short", "default", "forever") == [None, None, 1]


def test_a_full_cache_drops_some_values_and_keeps_the_last(cache: BaseCache) -> None:
    for number in range(30):
        cache.set(f"key{number}", number)
    assert cache.get("key29") == 29
    assert sum(cache.has(f"key{number}") for number in range(30)) <= 8


def test_a_cache_can_be_cleared(cache: BaseCache) -> None:
    cache.set("a", 1)
    assert cache.clear()
    assert cache.get("a") is None


def test_files_are_their_owners_alone_and_broken_ones_no_values(tmp_path: Path) -> None:
    cache = FileSystemCache(str(tmp_path / "new"))
    cache.set("key", "value")
    (path,) = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    path.write_bytes(b"")
    assert cache.get("key") is None
    path.write_bytes(b"no pickle")
    assert cache.get("key") is None
    assert FileSystemCache(str(tmp_path / "new")).set("key", "again")
    assert cache.get("key") == "again"


def test_a_cache_that_keeps_nothing() -> None:
    cache = NullCache()
    assert cache.set("a", 1)
    assert cache.add("a", 1)
    assert cache.get("a") is None
    assert not cache.has("a")
    assert cache.clear()
    with pytest.raises(NotImplementedError):
        BaseCache().has("a")


@pytest.mark.slow
def test_caches_of_servers_are_cachelibs_or_say_that_it_is_missing() -> None:
    code = """
import sys
sys.modules["cachelib"] = None
from erlen.legacy.libraries.caches import MemcachedCache, BaseCache
class Own(MemcachedCache): pass
try:
    Own(["127.0.0.1"])
except RuntimeError as error:
    print(issubclass(Own, BaseCache), error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith("True MemcachedCache was in Werkzeug 0.16"), done.stderr
    assert isinstance(caches.RedisCache, type)
