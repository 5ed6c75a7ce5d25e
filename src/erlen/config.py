"""The configuration of an application: a dict that loads itself from several sources, and reports changes."""

from __future__ import annotations

import errno
import json
import os
import types
import typing as t
from contextlib import suppress
from datetime import timedelta

from werkzeug.utils import import_string

from .late_module import late_names

if t.TYPE_CHECKING:
    import typing_extensions as te

    from .environment_files import load_env as load_env
else:
    __getattr__ = late_names(__name__, {"load_env": f"{__package__}.environment_files"})

T = t.TypeVar("T")

_ABSENT = (errno.ENOENT, errno.EISDIR)

# The configuration of a new application; docs/reference/configuration.md explains each key.
DEFAULTS: t.Final[dict[str, t.Any]] = {
    "APPLICATION_ROOT": "/",
    "ASGI_BODY_MAX": 1 << 30,  # bytes
    "ASGI_BODY_MEMORY": 1 << 20,  # bytes
    "ASGI_PLAIN_HOOKS": "pool",
    "ASGI_QUEUE": 1_000,
    "ASGI_QUEUE_TIMEOUT": 30,  # seconds
    "ASGI_STREAMS": 1_000,
    "ASGI_TEARDOWN_TIMEOUT": 10,  # seconds
    "ASGI_THREADS": 40,
    "BACKGROUND_TASK_SHUTDOWN_TIMEOUT": 5,  # seconds
    "DEBUG": None,
    "EXPLAIN_TEMPLATE_LOADING": False,
    "FORCE_HTTPS": False,
    "HSTS_INCLUDE_SUBDOMAINS": False,
    "HSTS_PRELOAD": False,
    "HSTS_SECONDS": None,
    "MAX_CONTENT_LENGTH": None,
    "MAX_COOKIE_SIZE": 4093,  # bytes
    "MAX_FORM_MEMORY_SIZE": 500_000,  # bytes
    "MAX_FORM_PARTS": 1_000,
    "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
    "PREFERRED_URL_SCHEME": "http",
    "PROPAGATE_EXCEPTIONS": None,
    "PROVIDE_AUTOMATIC_OPTIONS": True,
    "SECRET_KEY": None,
    "SECRET_KEY_FALLBACKS": None,
    "SEND_FILE_MAX_AGE_DEFAULT": None,
    "SERVER_NAME": None,
    "SESSION_COOKIE_DOMAIN": None,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_NAME": "session",
    "SESSION_COOKIE_PARTITIONED": False,
    "SESSION_COOKIE_PATH": None,
    "SESSION_COOKIE_SAMESITE": None,
    "SESSION_COOKIE_SECURE": False,
    "SESSION_REFRESH_EACH_REQUEST": True,
    "STATIC_DIGEST": None,
    "TEMPLATES_AUTO_RELOAD": None,
    "TEMPLATES_COMPILED": True,
    "TESTING": False,
    "TRAP_BAD_REQUEST_ERRORS": None,
    "TRAP_HTTP_EXCEPTIONS": False,
    "TRUSTED_HOSTS": None,
    "TRUSTED_PROXIES": None,
    "TRUSTED_PROXY_HEADERS": ("X-Forwarded-For", "X-Forwarded-Proto"),
    "TRUSTED_PROXY_HOPS": None,
    "USE_X_SENDFILE": False,
    "WEBSOCKET_MAX_MESSAGE_SIZE": 1 << 20,  # bytes
    "WEBSOCKET_ORIGINS": None,
}


class _Configured(t.Protocol):
    """An object with a configuration: the application."""

    @property
    def config(self) -> dict[str, t.Any]: ...


class ConfigAttribute(t.Generic[T]):
    """An attribute of the application that reads and writes one configuration key.

    *get_converter* is applied to the value each time the attribute is read.
    """

    def __init__(self, name: str, get_converter: t.Callable[[t.Any], T] | None = None) -> None:
        self.__name__ = name
        self.get_converter = get_converter

    @t.overload
    def __get__(self, obj: None, owner: type | None = None) -> te.Self: ...

    @t.overload
    def __get__(self, obj: _Configured, owner: type | None = None) -> T: ...

    def __get__(self, obj: _Configured | None, owner: type | None = None) -> T | te.Self:
        if obj is None:
            return self
        value: T = obj.config[self.__name__]
        return value if self.get_converter is None else self.get_converter(value)

    def __set__(self, obj: _Configured, value: t.Any) -> None:
        obj.config[self.__name__] = value


class Config(dict[str, t.Any]):
    """The configuration values, and ways to fill them from files, objects and the environment.

    File names are relative to *root_path*. Only keys in capitals are loaded, so that a file or an
    object may keep values of its own beside them.

    Every change replaces ``stamp`` by a new object and then calls ``on_change``. Reading is a
    dict's own reading.
    """

    stamp: object = object()
    on_change: t.Callable[[], None] | None = None

    def __init__(self, root_path: str | os.PathLike[str], defaults: dict[str, t.Any] | None = None) -> None:
        super().__init__(defaults or {})
        self.root_path = root_path
        self.stamp = object()

    # loading

    def from_envvar(self, variable_name: str, silent: bool = False) -> bool:
        """Load the Python file that an environment variable names.

        Returns whether it was loaded. Raises RuntimeError where the variable is missing or empty,
        unless *silent*.
        """
        filename = os.environ.get(variable_name)
        if filename:
            return self.from_pyfile(filename, silent=silent)
        if silent:
            return False
        raise RuntimeError(
            f"The environment variable {variable_name!r} is not set, so there is no configuration file"
            f" to load. Set it to the name of one: export {variable_name}=/path/to/settings.py"
        )

    def from_prefixed_env(
        self, prefix: str = "FLASK", *, loads: t.Callable[[str], t.Any] = json.loads
    ) -> bool:
        """Load the environment variables that begin with *prefix* and an underscore.

        A value is what *loads* makes of the text, or the text where *loads* fails. Two underscores
        lead into nested dicts, which are made where they are missing: ``FLASK_DB__port=5432``.
        """
        start = f"{prefix}_"
        for variable in sorted(os.environ):
            if not variable.startswith(start):
                continue
            value: t.Any = os.environ[variable]
            # A text that *loads* cannot read is the value itself.
            with suppress(Exception):
                value = loads(value)
            self._set_nested(variable, variable[len(start) :].split("__"), value)
        return True

    def _set_nested(self, variable: str, path: list[str], value: t.Any) -> None:
        *parents, last = path
        place: t.Any = self
        try:
            for key in parents:
                if key not in place:
                    place[key] = {}
                place = place[key]
            place[last] = value
        except TypeError as error:
            raise TypeError(
                f"The environment variable {variable!r} sets an item inside the configuration key"
                f" {path[0]!r}, but what it found there is of type {type(place).__name__}, not a dict."
            ) from error
        if parents:
            self._changed()

    def from_pyfile(self, filename: str | os.PathLike[str], silent: bool = False) -> bool:
        """Run a Python file and load its names in capitals.

        Returns whether it was loaded. Raises OSError where the file cannot be read; with *silent* it returns
        False where there is no such file.
        """
        path = os.path.join(self.root_path, filename)
        module = types.ModuleType("config")
        module.__file__ = path
        try:
            with open(path, "rb") as file:
                exec(compile(file.read(), path, "exec"), module.__dict__)
        except OSError as error:
            if silent and error.errno in (*_ABSENT, errno.ENOTDIR):
                return False
            self._explain(error, path)
            raise
        self.from_object(module)
        return True

    def from_file(
        self,
        filename: str | os.PathLike[str],
        load: t.Callable[[t.IO[t.Any]], t.Mapping[str, t.Any]],
        silent: bool = False,
        text: bool = True,
    ) -> bool:
        """Load the mapping that *load* reads from an open file, as ``json.load`` does.

        The file is opened as text, or in binary mode for the likes of ``tomllib.load``. Returns
        whether it was loaded. Raises OSError where it cannot be read; with *silent* it returns False
        where there is no such file.
        """
        path = os.path.join(self.root_path, filename)
        try:
            with open(path, "r" if text else "rb") as file:
                values = load(file)
        except OSError as error:
            if silent and error.errno in _ABSENT:
                return False
            self._explain(error, path)
            raise
        return self.from_mapping(values)

    def _explain(self, error: OSError, path: str) -> None:
        """Add to the text of *error* what was tried and what to do; the error names the file itself."""
        if error.filename != path:
            way_out = f"it happened while {path!r} was being loaded"
        elif error.errno in (*_ABSENT, errno.ENOTDIR):
            way_out = (
                f"a relative name counts from {os.fspath(self.root_path)!r};"
                " create the file, correct its name, or pass silent=True to do without"
            )
        else:
            way_out = "make it readable for the user that runs the application"
        error.strerror = f"Unable to load configuration file ({error.strerror}): {way_out}"

    def from_object(self, obj: object | str) -> None:
        """Load the attributes in capitals of an object, or of what an import path names.

        Usually that is a module or a class. Properties of a class are not called: pass an instance.
        """
        source = import_string(obj) if isinstance(obj, str) else obj
        for key in dir(source):
            if key.isupper():
                self[key] = getattr(source, key)

    def from_mapping(self, mapping: t.Mapping[str, t.Any] | None = None, **kwargs: t.Any) -> bool:
        """Load the keys in capitals of a mapping (or of pairs) and of keyword arguments."""
        for key, value in dict(mapping or {}, **kwargs).items():
            if key.isupper():
                self[key] = value
        return True

    def get_namespace(
        self, namespace: str, lowercase: bool = True, trim_namespace: bool = True
    ) -> dict[str, t.Any]:
        """Return the values whose keys begin with *namespace*, ready to be passed as keyword arguments."""
        start = len(namespace) if trim_namespace else 0
        return {
            key[start:].lower() if lowercase else key[start:]: value
            for key, value in self.items()
            if key.startswith(namespace)
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"

    # A copy, pickled or not, belongs to no application yet.
    def __getstate__(self) -> dict[str, t.Any]:
        return {name: value for name, value in vars(self).items() if name not in ("stamp", "on_change")}

    # changes: each method calls the dict's own, and reports even if that failed half-way

    def _changed(self) -> None:
        self.stamp = object()
        if self.on_change is not None:
            self.on_change()

    def __setitem__(self, key: str, value: t.Any) -> None:
        super().__setitem__(key, value)
        self._changed()

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._changed()

    def __ior__(self, other: t.Any) -> te.Self:  # type: ignore[override, misc]  # dict's overloads, in one
        try:
            return super().__ior__(other)
        finally:
            self._changed()

    def update(self, *args: t.Any, **kwargs: t.Any) -> None:
        try:
            super().update(*args, **kwargs)
        finally:
            self._changed()

    def setdefault(self, key: str, default: t.Any = None, /) -> t.Any:
        value = super().setdefault(key, default)
        # Extensions do this while requests run: only what may have added the key is a change.
        if value is default:
            self._changed()
        return value

    def pop(self, *args: t.Any) -> t.Any:
        value = super().pop(*args)
        self._changed()
        return value

    def popitem(self) -> tuple[str, t.Any]:
        item = super().popitem()
        self._changed()
        return item

    def clear(self) -> None:
        super().clear()
        self._changed()
