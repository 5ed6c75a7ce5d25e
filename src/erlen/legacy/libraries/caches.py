"""``werkzeug.contrib.cache`` as it was: caches in memory and in files; the others are those of cachelib.

SECURITY: what is in a file of a cache is unpickled, as it was. Who can write to the folder can run code.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
import time
import typing as t
from pathlib import Path

_SUFFIX = ".__wz_cache"


class BaseCache:
    """A cache that keeps nothing."""

    def __init__(self, default_timeout: int = 300) -> None:
        self.default_timeout = default_timeout

    def get(self, key: str) -> t.Any:
        """Return a value; None if there is none, or none any more."""
        return None

    def delete(self, key: str) -> bool:
        """Remove a value; tell whether that worked."""
        return True

    def set(self, key: str, value: t.Any, timeout: int | None = None) -> bool:
        """Keep a value for so many seconds, 0 for ever; tell whether that worked."""
        return True

    def add(self, key: str, value: t.Any, timeout: int | None = None) -> bool:
        """Keep a value unless there is one."""
        return True

    def has(self, key: str) -> bool:
        """Tell whether there is a value."""
        raise NotImplementedError(f"{type(self).__name__} can't tell whether it has a value.")

    def clear(self) -> bool:
        """Remove everything."""
        return True

    def get_many(self, *keys: str) -> list[t.Any]:
        """Return the values in the order of the keys."""
        return [self.get(key) for key in keys]

    def get_dict(self, *keys: str) -> dict[str, t.Any]:
        """Return the values by their keys."""
        return dict(zip(keys, self.get_many(*keys), strict=True))

    def set_many(self, mapping: t.Any, timeout: int | None = None) -> bool:
        """Keep several values, of a dictionary or of pairs."""
        pairs = mapping.items() if hasattr(mapping, "items") else mapping
        results = [self.set(key, value, timeout) for key, value in pairs]
        return all(results)

    def delete_many(self, *keys: str) -> bool:
        """Remove several values."""
        results = [self.delete(key) for key in keys]
        return all(results)

    def inc(self, key: str, delta: int = 1) -> int | None:
        """Add to a number, 0 if there is none, and return it; None where that failed."""
        value: int = (self.get(key) or 0) + delta
        return value if self.set(key, value) else None

    def dec(self, key: str, delta: int = 1) -> int | None:
        """Subtract from a number, 0 if there is none, and return it."""
        return self.inc(key, -delta)

    def _expires(self, timeout: int | None) -> float:
        """Return the time when a value is too old; 0 if never, less if at once."""
        seconds = self.default_timeout if timeout is None else timeout
        return time.time() + seconds if seconds > 0 else seconds


class NullCache(BaseCache):
    """A cache that keeps nothing, for development and tests."""

    def has(self, key: str) -> bool:
        return False


class SimpleCache(BaseCache):
    """A cache in the memory of one process."""

    def __init__(self, threshold: int = 500, default_timeout: int = 300) -> None:
        super().__init__(default_timeout)
        self._cache: dict[str, tuple[float, bytes]] = {}
        self._threshold = threshold

    def get(self, key: str) -> t.Any:
        expires, data = self._cache.get(key, (-1, b""))
        return pickle.loads(data) if _is_fresh(expires) else None

    def set(self, key: str, value: t.Any, timeout: int | None = None) -> bool:
        expires = self._expires(timeout)
        self._prune()
        self._cache[key] = expires, pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        return True

    def add(self, key: str, value: t.Any, timeout: int | None = None) -> bool:
        return False if key in self._cache else self.set(key, value, timeout)

    def delete(self, key: str) -> bool:
        return self._cache.pop(key, None) is not None

    def clear(self) -> bool:
        self._cache.clear()
        return True

    def has(self, key: str) -> bool:
        return _is_fresh(self._cache.get(key, (-1, b""))[0])

    def _prune(self) -> None:
        if len(self._cache) > self._threshold:
            for index, (key, (expires, _)) in enumerate(list(self._cache.items())):
                if not _is_fresh(expires) or index % 3 == 0:
                    self._cache.pop(key, None)


class FileSystemCache(BaseCache):
    """A cache in files of a folder, which nobody else may use."""

    def __init__(
        self, cache_dir: str, threshold: int = 500, default_timeout: int = 300, mode: int = 0o600
    ) -> None:
        super().__init__(default_timeout)
        self._path = cache_dir
        self._threshold = threshold
        self._mode = mode
        os.makedirs(cache_dir, exist_ok=True)

    def get(self, key: str) -> t.Any:
        found = self._read(self._get_filename(key))
        return None if found is None else found[1]

    def set(self, key: str, value: t.Any, timeout: int | None = None) -> bool:
        expires = int(self._expires(timeout))
        self._prune()
        try:
            handle, part = tempfile.mkstemp(suffix=_SUFFIX, dir=self._path)
            with os.fdopen(handle, "wb") as file:
                pickle.dump(expires, file, 1)
                pickle.dump(value, file, pickle.HIGHEST_PROTOCOL)
            os.chmod(part, self._mode)
            os.replace(part, self._get_filename(key))
        except OSError:
            return False
        return True

    def add(self, key: str, value: t.Any, timeout: int | None = None) -> bool:
        return False if os.path.exists(self._get_filename(key)) else self.set(key, value, timeout)

    def delete(self, key: str) -> bool:
        return _remove(self._get_filename(key))

    def has(self, key: str) -> bool:
        return self._read(self._get_filename(key)) is not None

    def clear(self) -> bool:
        results = [_remove(path) for path in self._list_dir()]
        return all(results)

    def _get_filename(self, key: str | bytes) -> str:
        name = key.encode() if isinstance(key, str) else key
        return os.path.join(self._path, hashlib.md5(name, usedforsecurity=False).hexdigest())

    def _list_dir(self) -> list[str]:
        return [str(path) for path in Path(self._path).iterdir() if not path.name.endswith(_SUFFIX)]

    def _read(self, filename: str) -> tuple[float, t.Any] | None:
        """Return the time and the value of a file; None if it is too old, which removes it."""
        try:
            with open(filename, "rb") as file:
                expires = pickle.load(file)
                if _is_fresh(expires):
                    return expires, pickle.load(file)
        except (OSError, EOFError, pickle.PickleError):
            return None
        _remove(filename)
        return None

    def _prune(self) -> None:
        names = self._list_dir()
        if self._threshold and len(names) > self._threshold:
            for index, name in enumerate(names):
                if self._read(name) is None or index % 3 == 0:
                    _remove(name)


def _is_fresh(expires: float) -> bool:
    return expires == 0 or expires > time.time()


def _remove(filename: str) -> bool:
    try:
        os.remove(filename)
    except OSError:
        return False
    return True


def _of_cachelib(name: str) -> type:
    """Return a class of cachelib; where that is not installed, one that says so when it is called."""
    try:
        import cachelib
    except ImportError:

        def refuse(self: object, *args: object, **kwargs: object) -> None:
            raise RuntimeError(f"{name} was in Werkzeug 0.16; today it is in cachelib: install that package.")

        return type(name, (BaseCache,), {"__init__": refuse})
    found: type = getattr(cachelib, name)
    return found


MemcachedCache = _of_cachelib("MemcachedCache")
GAEMemcachedCache = MemcachedCache
RedisCache = _of_cachelib("RedisCache")
UWSGICache = _of_cachelib("UWSGICache")
