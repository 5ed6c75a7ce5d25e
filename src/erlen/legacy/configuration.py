"""Configuration keys and variables of the environment that were removed, and how they were read."""

from __future__ import annotations

import json
import os
import typing as t
from datetime import timedelta

from werkzeug.datastructures import ImmutableDict

from .. import app, cli, helpers
from ..app import Erlen
from ..cli import environment
from ..config import DEFAULTS, Config
from ..gateway import development
from .attributes import config_key
from .helpers import get_env
from .notices import notice

if t.TYPE_CHECKING:
    from .changes import Changes

# As they were in Flask 1.1; in 2.2 they were None, which means the same.
JSON_KEYS: dict[str, t.Any] = {
    "JSON_AS_ASCII": True,
    "JSON_SORT_KEYS": True,
    "JSONIFY_PRETTYPRINT_REGULAR": False,
    "JSONIFY_MIMETYPE": "application/json",
}
_KEYS_OF_2_2: dict[str, t.Any] = {"ENV": None, **dict.fromkeys(JSON_KEYS)}
_KEYS_OF_1_1: dict[str, t.Any] = {
    "ENV": None,
    **JSON_KEYS,
    "PRESERVE_CONTEXT_ON_EXCEPTION": None,
    # Files could be kept by browsers for half a day.
    "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=12),
}


def _seconds(value: t.Any) -> t.Any:
    return timedelta(seconds=value) if isinstance(value, (int, float)) else value


def from_json(self: Config, filename: str | os.PathLike[str], silent: bool = False) -> bool:
    """Load a JSON file; returns whether it was loaded."""
    notice("flask.Config.from_json")
    return self.from_file(filename, load=json.load, silent=silent)


def _make_config(self: Erlen, instance_relative: bool = False) -> Config:
    """Create the configuration, with ENV."""
    config = _own_make_config(self, instance_relative)
    config["ENV"] = get_env()
    return config


_own_make_config = Erlen.make_config


def _get_debug_flag() -> bool:
    """Tell whether FLASK_DEBUG turns debug mode on, or FLASK_ENV where that is not set."""
    if os.environ.get("FLASK_ENV"):
        notice("$FLASK_ENV")
    return _own_get_debug_flag() if os.environ.get("FLASK_DEBUG") else get_env() == "development"


_own_get_debug_flag = helpers.get_debug_flag


def add(changes: Changes, level: str) -> None:
    """Bring the keys back, and the attributes that read them."""
    keys = _KEYS_OF_1_1 if level == "1.1" else _KEYS_OF_2_2
    changes.set(Erlen, "default_config", ImmutableDict({**DEFAULTS, **keys}))
    changes.set(Erlen, "make_config", _make_config)
    for module in (helpers, app, cli, development):
        changes.set(module, "get_debug_flag", _get_debug_flag)
    changes.set(environment, "mention_flask_env", lambda: None)
    changes.set(Erlen, "env", config_key("flask.Flask.env", "ENV"))
    for name, key, convert in (
        ("send_file_max_age_default", "SEND_FILE_MAX_AGE_DEFAULT", _seconds),
        ("session_cookie_name", "SESSION_COOKIE_NAME", None),
        ("use_x_sendfile", "USE_X_SENDFILE", None),
    ):
        changes.set(Erlen, name, config_key(f"flask.Flask.{name}", key, convert))
    if level == "1.1":
        changes.set(Config, "from_json", from_json)
