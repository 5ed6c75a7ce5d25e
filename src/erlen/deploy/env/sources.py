"""Where each setting comes from: a variable of the environment, a file, a class, a line, or a default."""

from __future__ import annotations

import json
import os
import typing as t

from erlen import environment_files
from erlen.deploy.logs.hidden import HIDDEN, Hidden

if t.TYPE_CHECKING:
    from erlen import Erlen

    from .recording import Recording

ENVIRONMENT = "environment"
DEFAULT = "default"
DOTS = "•••"

_PREFIXES = ("FLASK_", "ERLEN_")
# Set by the command line for itself, and for what it starts.
_OWN = ("FLASK_RUN_FROM_CLI", "ERLEN_AS_FLASK")
_LONGEST = 60
_HIDDEN = Hidden(("pass", "key", "salt", "dsn", "auth", "private"))


class Setting(t.NamedTuple):
    """A setting as it is shown."""

    name: str
    value: str
    source: str


def settings_of(app: Erlen, recording: Recording) -> list[Setting]:
    """Return the settings of an application, sorted by name."""
    recorded = recording.of(app.config)
    found = []
    for key, value in sorted(app.config.items(), key=lambda item: str(item[0])):
        found.append(
            Setting(_shown(str(key)), shown(str(key), value), _source(key, value, recorded.get(key)))
        )
    return found


def variables() -> list[Setting]:
    """Return the variables that files have set, and those that are for Erlen and Flask, sorted by name."""
    names = {name for file in environment_files.files_read() for name in file.values}
    names |= {name for name in os.environ if name.startswith(_PREFIXES)} - set(_OWN)
    return [
        Setting(_shown(name), shown(name, os.environ[name]), source_of_variable(name))
        for name in sorted(names & set(os.environ))
    ]


def source_of_variable(name: str) -> str:
    """Return the file that has set a variable; the environment itself, if none has."""
    return environment_files.source_of(name) or ENVIRONMENT


def _source(key: str, value: t.Any, recorded: str | None) -> str:
    if recorded is not None and recorded.startswith("$"):
        return _by_variable(recorded[1:], key)
    if recorded is None and key != "DEBUG":
        return DEFAULT
    # A class or a file of settings often takes a value from the variable of the same name.
    variable = next((name for name in _variables_for(key) if _is_from(name, value)), None)
    if variable is None:
        return recorded or DEFAULT
    through = f", through {recorded}" if recorded else ""
    return _by_variable(variable, key) + through


def _by_variable(variable: str, key: str) -> str:
    source = source_of_variable(variable)
    return source if variable == key else f"{source} ({_shown(variable)})"


def _variables_for(key: str) -> t.Iterator[str]:
    yield from (key, *(f"{prefix}{key}" for prefix in _PREFIXES))


def _is_from(variable: str, value: t.Any) -> bool:
    """Tell whether a value is a variable's, as it is written or as JSON."""
    text = os.environ.get(variable)
    if text is None or value is None:
        return False
    if isinstance(value, bool):
        return (text.lower() not in ("", "0", "false", "no")) is value
    if text == str(value):
        return True
    try:
        return bool(json.loads(text) == value)
    except ValueError:
        return False


# what is shown of values


def shown(name: str, value: t.Any) -> str:
    """Return a value as text, without what is secret in it."""
    hidden = _without_secrets(name, value)
    text = hidden if isinstance(hidden, str) else repr(hidden)
    text = _HIDDEN.text(_shown(text)).replace(HIDDEN, DOTS).replace(repr(DOTS), DOTS)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _without_secrets(name: str, value: t.Any) -> t.Any:
    if value is None or isinstance(value, bool) or value in ("", b""):
        return value
    # SECURITY: rather one value too many than one too few.
    if _HIDDEN.names_setting(name) or _HIDDEN.names(name):
        return DOTS
    if isinstance(value, dict):
        return {key: _without_secrets(str(key), each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return (
            type(value)(_without_secrets("", each) for each in value)
            if type(value) in (list, tuple)
            else DOTS
        )
    return value


def _shown(text: str) -> str:
    return text if text.isprintable() else ascii(text)[1:-1]
