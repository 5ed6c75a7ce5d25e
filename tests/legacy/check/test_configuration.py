"""Configuration keys and variables of the environment."""

from __future__ import annotations

import pytest

APP = "import os\nfrom flask import Flask, current_app\napp = Flask(__name__)\n"


@pytest.mark.parametrize(
    "code",
    [
        "app.config['JSON_SORT_KEYS'] = False",
        "current_app.config['JSON_SORT_KEYS']",
        "app.config.get('JSON_SORT_KEYS')",
        "app.config.setdefault('JSON_SORT_KEYS', True)",
        "app.config.update(JSON_SORT_KEYS=False)",
        "app.config.update({'JSON_SORT_KEYS': False})",
        "app.config.update(dict(JSON_SORT_KEYS=False))",
        "app.config.from_mapping(JSON_SORT_KEYS=False)",
        "config = app.config\nconfig['JSON_SORT_KEYS'] = False",
        "'JSON_SORT_KEYS' in app.config",
        "class Config:\n    JSON_SORT_KEYS = False",
        "class Production(object):\n    SECRET_KEY = 'a'\n    JSON_SORT_KEYS: bool = False",
    ],
)
def test_keys(names, code: str) -> None:
    assert [name for _, name in names(APP + code)] == ["flask.Flask.config[JSON_SORT_KEYS]"]


@pytest.mark.parametrize(
    "name", ["config.py", "settings/production.py", "instance/app.py", "default_settings.py"]
)
def test_modules_of_settings(names, name: str) -> None:
    expected = [] if name == "settings/production.py" else [(1, "flask.Flask.config[JSON_AS_ASCII]")]
    assert names({name: "JSON_AS_ASCII = False\nDEBUG = True\n"}) == expected


def test_other_keys_and_other_dicts_are_not_found(names) -> None:
    code = "app.config['JSON_SORT'] = 1\nother = {}\nother['JSON_SORT_KEYS'] = 1\nclass A:\n    ENV = 'x'\n"
    assert names(APP + code) == []


def test_one_may_still_give_jinja_its_extensions(names) -> None:
    code = "app.jinja_options['extensions'] = []\napp.jinja_options['extensions'].append('a')\n"
    assert names(APP + code) == [(5, "flask.Flask.jinja_options[extensions]")]


@pytest.mark.parametrize(
    "code",
    [
        "os.environ['FLASK_ENV'] = 'development'",
        "os.environ.get('FLASK_ENV')",
        "os.environ.setdefault('FLASK_ENV', 'development')",
        "os.getenv('FLASK_ENV')",
        "from os import environ\nenviron['FLASK_ENV']",
        "'FLASK_ENV' in os.environ",
        "os.environ.update(FLASK_ENV='a')",
        "def test(monkeypatch): monkeypatch.setenv('FLASK_ENV', 'a')",
    ],
)
def test_variables(names, code: str) -> None:
    assert [name for _, name in names(APP + code)] == ["$FLASK_ENV"]


def test_environment_files(names) -> None:
    files = {
        ".env": "# FLASK_ENV=a\nSECRET=FLASK_ENV\nexport FLASK_ENV=development\n",
        ".flaskenv": "FLASK_APP=a\nFLASK_ENV = production\n",
        ".env.test": "FLASK_ENV=test",
        "env": "FLASK_ENV=a",
    }
    assert sorted(names(files)) == [(1, "$FLASK_ENV"), (2, "$FLASK_ENV"), (3, "$FLASK_ENV")]
