"""Where settings are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erlen import environment_files
from erlen.deploy.check.examined import Examined

from .applications import HEAD, examined, own_process

__all__ = ["examined", "own_process"]

SETTINGS = """\
TITLE = "a"
class Base:
    TITLE: str = "b"
    OTHER = 1
class Production(Base):
    OTHER = 2
"""


@pytest.mark.parametrize(
    ("code", "file", "line"),
    [
        ('app.config["TITLE"] = "a"', "app.py", 3),
        ('app.config.update(\n    TITLE="a"\n)', "app.py", 3),
        ('app.config.from_mapping(TITLE="a")', "app.py", 3),
        ('app.config.from_object("settings")', "settings.py", 1),
        ("import settings\napp.config.from_object(settings)", "settings.py", 1),
        ('app.config.from_object("settings.Production")', "settings.py", 3),
        ("import settings\napp.config.from_object(settings.Production())", "settings.py", 3),
        ('app.config.from_pyfile("settings.cfg")', "settings.cfg", 2),
        ('import json\napp.config.from_file("settings.json", json.load)', "settings.json", 3),
        ('import os\nos.environ["FLASK_TITLE"] = "a"\napp.config.from_prefixed_env()', None, 0),
        ('app.config["TITLE"] = "a"\napp.config.from_object("settings")', "settings.py", 1),
    ],
)
def test_the_line_that_sets_a_key_is_found(
    examined: Callable[..., Examined], tmp_path: Path, code: str, file: str | None, line: int
) -> None:
    made = examined(
        {
            "app.py": f"{HEAD}{code}\n",
            "settings.py": SETTINGS,
            "settings.cfg": 'OTHER = 1\nTITLE = "a"\n',
            "settings.json": '{\n"OTHER": 1,\n"TITLE": "a"\n}\n',
        }
    )
    place = made.settings.get("TITLE")
    assert (place and (place.path, place.line)) == (file and (tmp_path / file, line))


def test_a_variable_of_an_environment_file_has_a_line(
    examined: Callable[..., Examined], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment_files, "_files", [])
    monkeypatch.setattr(environment_files, "_loads", [])
    (tmp_path / ".env").write_text("# secrets\nOTHER=1\nexport FLASK_TITLE=a\n")
    assert environment_files.load(None, True, tmp_path)
    assert examined("app.config.from_prefixed_env()\n").settings["TITLE"] == (tmp_path / ".env", 3)


def test_the_defaults_have_no_place(examined: Callable[..., Examined]) -> None:
    assert "MAX_CONTENT_LENGTH" not in examined("").settings


@pytest.mark.parametrize("code", ["app.secret_key = 'a'", "app.testing = True"])
def test_attributes_of_the_application_are_settings(examined: Callable[..., Examined], code: str) -> None:
    key = "SECRET_KEY" if "secret" in code else "TESTING"
    assert examined(f"{code}\n").settings[key].line == 3
