"""Keys and variables of the environment."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import erlen.helpers
from erlen import Config, Flask


@pytest.mark.usefixtures("of_1_1")
@pytest.mark.parametrize(
    ("env", "name", "debug"),
    [
        ({}, "production", False),
        ({"FLASK_ENV": "development"}, "development", True),
        ({"FLASK_ENV": "staging"}, "staging", False),
        ({"FLASK_ENV": "development", "FLASK_DEBUG": "0"}, "development", False),
        ({"FLASK_DEBUG": "1"}, "production", True),
    ],
)
def test_the_environment(
    env: dict[str, str], name: str, debug: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("FLASK_ENV", "FLASK_DEBUG"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    app: Any = Flask(__name__)
    assert (app.env, app.config["ENV"], app.debug) == (name, name, debug)
    assert erlen.helpers.get_debug_flag() is debug
    assert erlen.helpers.get_env() == name  # type: ignore[attr-defined]


@pytest.mark.usefixtures("of_1_1")
def test_the_variable_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_ENV", "development")
    with pytest.warns(DeprecationWarning, match=r"'\$FLASK_ENV' was removed in Flask 2.3"):
        Flask(__name__)


@pytest.mark.usefixtures("of_1_1")
def test_attributes_write_keys() -> None:
    app: Any = Flask(__name__)
    app.env, app.session_cookie_name, app.use_x_sendfile = "x", "y", True
    app.send_file_max_age_default = 60
    assert app.send_file_max_age_default == timedelta(minutes=1)
    assert [app.config[key] for key in ("ENV", "SESSION_COOKIE_NAME", "USE_X_SENDFILE")] == ["x", "y", True]


@pytest.mark.usefixtures("of_1_1")
@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_static_files_are_kept_for_half_a_day(protocol: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    app = Flask(__name__, static_folder=tmp_path, static_url_path="/static")
    answer = app.test_client(protocol=protocol).get("/static/a.txt", buffered=True)
    assert answer.headers["Cache-Control"] == "public, max-age=43200"


@pytest.mark.usefixtures("of_2_2")
def test_flask_2_2_has_its_own_defaults() -> None:
    config = Flask(__name__).config
    assert (config["SEND_FILE_MAX_AGE_DEFAULT"], config["JSON_AS_ASCII"], config["ENV"]) == (
        None,
        None,
        "production",
    )


@pytest.mark.usefixtures("of_1_1")
def test_a_configuration_from_json(tmp_path: Path) -> None:
    config: Any = Config(tmp_path)
    (tmp_path / "c.json").write_text(json.dumps({"KEY": 1, "low": 2}))
    assert config.from_json("c.json")
    assert config == {"KEY": 1}
    assert not config.from_json("no.json", silent=True)
    with pytest.raises(OSError, match="Unable to load configuration file"):
        config.from_json("no.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(json.JSONDecodeError):
        config.from_json("bad.json")


@pytest.mark.usefixtures("of_1_1")
def test_a_class_may_have_defaults_of_its_own() -> None:
    class Own(Flask):
        default_config = {**Flask.default_config, "OWN": 1}  # type: ignore[assignment]

    config = Own(__name__).config
    assert (config["OWN"], config["ENV"]) == (1, "production")
