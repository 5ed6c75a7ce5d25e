"""Where a setting comes from, and what is shown of its value."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from erlen import Flask, environment_files
from erlen.deploy.env.recording import Recording
from erlen.deploy.env.sources import settings_of, shown, source_of_variable, variables

# The sources of a variable, the first of which counts.
SOURCES = ("environment", "--env-file", ".env", ".flaskenv")


def write(sources: tuple[str, ...], variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a variable into some sources, with the source's name as its value, and read the files."""
    names = {"--env-file": "given", ".env": ".env", ".flaskenv": ".flaskenv"}
    for source in sources:
        if source == "environment":
            monkeypatch.setenv(variable, source)
        else:
            Path(names[source]).write_text(f"{variable}={source}\n")
    environment_files.load("given", True)


class Settings:
    """A class of settings, as applications have one."""

    def __init__(self, **values: Any) -> None:
        vars(self).update(values)


@pytest.mark.parametrize(
    "sources", [each for size in range(len(SOURCES) + 1) for each in itertools.combinations(SOURCES, size)]
)
@pytest.mark.parametrize("way", ["class reads it", "class has its own", "prefix", "default"])
def test_which_of_all_sources_counts(
    sources: tuple[str, ...], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environment, `--env-file`, `.env`, `.flaskenv`, the class of the configuration, default."""
    variable = "FLASK_SERVER_NAME" if way == "prefix" else "SERVER_NAME"
    write(sources, variable, monkeypatch)
    first = sources[0] if sources else None
    here = f"{__name__}.Settings"
    with Recording().running() as recording:
        app = Flask("shop")
        if way == "class reads it" and first:
            app.config.from_object(Settings(SERVER_NAME=os.environ["SERVER_NAME"]))
        elif way != "default" and way != "class reads it":
            app.config.from_object(Settings(SERVER_NAME="class"))
        if way == "prefix":
            app.config.from_prefixed_env()
    (found,) = (each for each in settings_of(app, recording) if each.name == "SERVER_NAME")
    by_class = ("class", here)
    expected = {
        "class reads it": (first, f"{first}, through {here}") if first else ("None", "default"),
        "class has its own": by_class,
        "prefix": (first, f"{first} (FLASK_SERVER_NAME)") if first else by_class,
        "default": ("None", "default"),
    }
    assert (found.value, found.source) == expected[way]
    if first:
        assert os.environ[variable] == first
        assert source_of_variable(variable) == first


@pytest.mark.parametrize(("value", "source"), [("1", "environment (FLASK_DEBUG)"), (None, "default")])
def test_debug_mode_is_a_variables(value: str | None, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if value:
        monkeypatch.setenv("FLASK_DEBUG", value)
    with Recording().running() as recording:
        app = Flask("shop")
    (found,) = (each for each in settings_of(app, recording) if each.name == "DEBUG")
    assert (found.value, found.source) == (str(bool(value)), source)


def test_variables_of_files_and_of_flask_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_RUN_PORT", "80")
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    Path(".env").write_text("MAIL_SERVER=mail\nMAIL_PASSWORD=s3cret\n")
    environment_files.load(None, True)
    assert variables() == [
        ("FLASK_RUN_PORT", "80", "environment"),
        ("MAIL_PASSWORD", "•••", ".env"),
        ("MAIL_SERVER", "mail", ".env"),
    ]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("TITLE", "a shop", "a shop"),
        ("SECRET_KEY", "abc", "•••"),
        ("SECRET_KEY", b"abc", "•••"),
        ("SECRET_KEY", None, "None"),
        ("FLASK_SECRET_KEY_FALLBACKS", '["abc"]', "•••"),
        ("SECRET_KEY_FALLBACKS", ["abc"], "•••"),
        ("MAIL_PASSWORD", "abc", "•••"),
        ("MAIL_PASSWORD", "", ""),
        ("DB_PASS", "abc", "•••"),
        ("PIN_TOKEN", 1234, "•••"),
        ("STRIPE_API_KEY", "abc", "•••"),
        ("SENTRY_DSN", "https://abc@sentry/1", "•••"),
        ("WTF_CSRF_ENABLED", True, "True"),
        ("DATABASE_URL", "postgresql://ada:abc@db/shop?x=1", "postgresql://ada:•••@db/shop?x=1"),
        ("CALLBACK", "https://shop/?token=abc&x=1", "https://shop/?token=•••&x=1"),
        ("MAIL", {"server": "x", "password": "abc"}, "{'server': 'x', 'password': •••}"),
        ("SERVERS", [{"url": "redis://:abc@x"}, ("a",)], "[{'url': 'redis://:•••@x'}, ('a',)]"),
        ("CONTROL", "a\x1b[31m\n", r"a\x1b[31m\n"),
        ("LONG", "x" * 100, "x" * 59 + "…"),
    ],
)
def test_secrets_are_not_shown(name: str, value: object, text: str) -> None:
    assert shown(name, value) == text
