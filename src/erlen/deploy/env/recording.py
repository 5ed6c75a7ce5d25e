"""Who sets the keys of configurations: noted while an application is loaded."""

from __future__ import annotations

import contextlib
import os
import sys
import types
import typing as t
from functools import wraps

from erlen import Config

_LOADERS = ("from_object", "from_pyfile", "from_file", "from_mapping")
_DICT_METHODS = ("update", "setdefault", "__ior__")


class Recording:
    """What has set each key of each configuration last."""

    def __init__(self) -> None:
        self._keys: dict[int, dict[str, str]] = {}
        # A configuration that is gone would leave its number to another one.
        self._kept: list[Config] = []
        self._loading: list[str] = []

    def of(self, config: Config) -> dict[str, str]:
        """Return what has set each key; those that Erlen itself has set are left out."""
        found = self._keys.get(id(config))
        if found is None:
            self._kept.append(config)
            found = self._keys[id(config)] = {}
        return found

    def _note(self, config: Config, key: str) -> None:
        source = self._loading[0] if self._loading else _place()
        if source is None:
            self.of(config).pop(key, None)
        else:
            self.of(config)[key] = source

    def _set_item(self, original: t.Any) -> t.Any:
        @wraps(original)
        def set_item(config: Config, key: str, value: t.Any) -> None:
            original(config, key, value)
            self._note(config, key)

        return set_item

    def _loader(self, original: t.Any) -> t.Any:
        @wraps(original)
        def loader(config: Config, *args: t.Any, **kwargs: t.Any) -> t.Any:
            source = _source(original.__name__, args, kwargs) or _place() or "the application"
            self._loading.append(source)
            try:
                return original(config, *args, **kwargs)
            finally:
                self._loading.pop()

        return loader

    def _from_prefixed_env(self, original: t.Any) -> t.Any:
        @wraps(original)
        def from_prefixed_env(config: Config, prefix: str = "FLASK", **kwargs: t.Any) -> t.Any:
            done = original(config, prefix, **kwargs)
            start = f"{prefix}_"
            for variable in sorted(os.environ):
                if variable.startswith(start):
                    self.of(config)[variable.removeprefix(start).split("__")[0]] = f"${variable}"
            return done

        return from_prefixed_env

    def _dict_method(self, original: t.Any) -> t.Any:
        @wraps(original)
        def method(config: Config, *args: t.Any, **kwargs: t.Any) -> t.Any:
            before = dict(config)
            done = original(config, *args, **kwargs)
            for key, value in config.items():
                if key not in before or before[key] is not value:
                    self._note(config, key)
            return done

        return method

    @contextlib.contextmanager
    def running(self) -> t.Iterator[Recording]:
        """Note what is set from now on, until the block ends."""
        replaced = {
            "__setitem__": self._set_item,
            "from_prefixed_env": self._from_prefixed_env,
            **dict.fromkeys(_LOADERS, self._loader),
            **dict.fromkeys(_DICT_METHODS, self._dict_method),
        }
        originals = {name: getattr(Config, name) for name in replaced}
        for name, wrapped in replaced.items():
            setattr(Config, name, wrapped(originals[name]))
        try:
            yield self
        finally:
            for name, original in originals.items():
                setattr(Config, name, original)


def _source(loader: str, args: tuple[t.Any, ...], kwargs: dict[str, t.Any]) -> str | None:
    """Return what a loader reads: a class or a file."""
    given = args[0] if args else kwargs.get("obj", kwargs.get("filename"))
    if loader == "from_mapping" or given is None:
        return None
    if loader != "from_object":
        return str(os.path.basename(os.fspath(given)))
    if isinstance(given, types.ModuleType):
        return given.__name__
    if isinstance(given, str):
        return given
    kind: type = given if isinstance(given, type) else type(given)
    return f"{kind.__module__}.{kind.__qualname__}"


def _place() -> str | None:
    """Return file and line of the application's that sets a key; None where Erlen sets it by itself."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        # The attributes of an application set keys too: then it is a line of its program.
        if module in (__name__, "erlen.config", "erlen.app") and frame.f_code.co_name != "__init__":
            frame = frame.f_back
        elif module == "erlen" or module.startswith("erlen."):
            return None
        else:
            file = frame.f_code.co_filename
            here = os.path.join(os.getcwd(), "")
            return f"{file.removeprefix(here)}:{frame.f_lineno}"
    return None
