"""Settings that nobody has meant so end no check."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from erlen import Erlen
from erlen.config import DEFAULTS
from erlen.deploy.check import risks, running
from erlen.deploy.check.examined import Examined
from erlen.deploy.check.repository import Repository

# The others read no settings, and take long.
CHECKS = [check for check in risks.CHECKS if check is not risks.packages.check_extensions]
KEYS = [
    *(key for key in DEFAULTS if key not in ("PERMANENT_SESSION_LIFETIME",)),
    *("ADMINS", "CACHE_DIR", "CACHE_TYPE", "CORS_ORIGINS", "DATABASE", "DEBUG_TB_ENABLED", "JWT_SECRET_KEY"),
    *("LOG_FILE", "LOGIN_DISABLED", "MAIL_PASSWORD", "MAIL_SERVER", "MAIL_USERNAME", "MAIL_USE_TLS"),
    *(
        "RATELIMIT_ENABLED",
        "RATELIMIT_STORAGE_URI",
        "REMEMBER_COOKIE_SECURE",
        "SESSION_FILE_DIR",
        "SESSION_TYPE",
    ),
    *("SQLALCHEMY_BINDS", "SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_ECHO", "UPLOAD_FOLDER", "WTF_CSRF_ENABLED"),
]
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        -1,
        1 << 70,
        1.5,
        float("nan"),
        "",
        " ",
        "*",
        "\0",
        "\x1b[2J\n",
        "ä" * 300,
        "\ud800",
    ),
    *(
        b"",
        b"\xff" * 40,
        [],
        [None],
        [""],
        ["\0"],
        [b"x"],
        [[]],
        (),
        {},
        {"a": {"b": 1}},
        object(),
        Path("/\0"),
        Path(),
    ),
    *(
        {1, "a"},
        "http://[",
        "://",
        "sqlite://///",
        "//",
        "..",
        "~",
        "/dev/null",
        "/proc/self/fd/0",
        range(3),
        int,
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_any_value_of_a_setting_is_checked_to_the_end(key: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for value in VALUES:
        assert failures({key: value}, tmp_path, repository) == []


def test_any_values_together_are_checked_to_the_end(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    chance = random.Random(14)
    for _ in range(100):
        settings = {key: chance.choice(VALUES) for key in chance.sample(KEYS, 12)}
        assert failures(settings, tmp_path, repository) == []


def failures(settings: dict[str, Any], folder: Path, repository: Repository) -> list[str]:
    app = Erlen("shop", root_path=str(folder))
    app.config.update(SECRET_KEY="mV3kq0Zt8uXbW2rLsYpN7cHdJ5fGaE1oQiUvTx9zRwA")
    app.config.update(settings)
    examined = Examined(app, folder)
    # Once for all values.
    examined.repository, examined.loaded = repository, []
    found = running.run(CHECKS, examined)
    return [f"{each.what} {ascii(settings)[:80]}" for each in found if each.kind is running.CHECK_FAILED]
