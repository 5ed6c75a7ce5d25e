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


class Origin(t.NamedTuple):
    """What has set a key."""

    # As it is shown: a line of the program, a file, a class, a variable with a `$` in front.
    text: str
    # The file of the program or of the settings; None where it is none.
    file: str | None = None
    # The line of the program; 0 where the file has the key somewhere.
    line: int = 0
    # The class, module or object that the key was read from.
    given: object = None


class Recording:
    """What has set each key of each configuration last."""

    def __init__(self) -> None:
        self._keys: dict[int, dict[str, Origin]] = {}
        # A configuration that is gone would leave its number to another one.
        self._kept: list[Config] = []
        self._loading: list[Origin] = []

    def of(self, config: Config) -> dict[str, str]:
        """Return what has set each key, as it is shown."""
        return {key: origin.text for key, origin in self.origins(config).items()}

    def origins(self, config: Config) -> dict[str, Origin]:
        """Return what has set each key; those that Erlen itself has set are left out."""
        found = self._keys.get(id(config))
        if found is None:
            self._kept.append(config)
            found = self._keys[id(config)] = {}
        return found

    def _note(self, config: Config, key: str) -> None:
        origin = self._loading[0] if self._loading else _place()
        if origin is None:
            self.origins(config).pop(key, None)
        else:
            self.origins(config)[key] = origin

    def _set_item(self, original: t.Any) -> t.Any:
        @wraps(original)
        def set_item(config: Config, key: str, value: t.Any) -> None:
            original(config, key, value)
            self._note(config, key)

        return set_item

    def _loader(self, original: t.Any) -> t.Any:
        @wraps(original)
        def loader(config: Config, *args: t.Any, **kwargs: t.Any) -> t.Any:
            origin = _source(config, original.__name__, args, kwargs) or _place() or Origin("the application")
            self._loading.append(origin)
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
                    self.origins(config)[variable.removeprefix(start).split("__")[0]] = Origin(f"${variable}")
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


def _source(config: Config, loader: str, args: tuple[t.Any, ...], kwargs: dict[str, t.Any]) -> Origin | None:
    """Return what a loader reads: a class or a file."""
    given = args[0] if args else kwargs.get("obj", kwargs.get("filename"))
    if loader == "from_mapping" or given is None:
        return None
    if loader != "from_object":
        return Origin(
            str(os.path.basename(os.fspath(given))), os.fsdecode(os.path.join(config.root_path, given))
        )
    if isinstance(given, types.ModuleType):
        return Origin(given.__name__, given=given)
    if isinstance(given, str):
        return Origin(given, given=given)
    kind: type = given if isinstance(given, type) else type(given)
    return Origin(f"{kind.__module__}.{kind.__qualname__}", given=kind)


def _place() -> Origin | None:
    """Return the line of the application's that sets a key; None where Erlen sets it by itself."""
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
            return Origin(f"{file.removeprefix(here)}:{frame.f_lineno}", file, frame.f_lineno)
    return None
