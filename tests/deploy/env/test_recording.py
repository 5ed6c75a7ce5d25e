"""Who has set a key of the configuration."""

from __future__ import annotations

import json
import types
from pathlib import Path
from typing import Any

import pytest

from erlen import Config, Flask
from erlen.deploy.env.recording import Recording


class Production:
    TITLE = "class"


class Own(Config):
    def from_object(self, obj: object) -> None:
        super().from_object(obj)


def module() -> types.ModuleType:
    made = types.ModuleType("shop_settings")
    made.TITLE = "module"  # type: ignore[attr-defined]
    return made


def by_file(config: Config) -> None:
    Path("settings.json").write_text('{"TITLE": 1}')
    config.from_file("settings.json", load=json.load)


def by_python(config: Config) -> None:
    Path("settings.cfg").write_text("TITLE = 1\n")
    config.from_pyfile("settings.cfg")


def by_variable(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("settings.cfg").write_text("TITLE = 1\n")
    monkeypatch.setenv("SHOP_SETTINGS", "settings.cfg")
    config.from_envvar("SHOP_SETTINGS")


HERE = "test_recording.py:"


@pytest.mark.parametrize(
    ("set_it", "source"),
    [
        (lambda config: config.from_object(Production), f"{__name__}.Production"),
        (lambda config: config.from_object(Production()), f"{__name__}.Production"),
        (lambda config: config.from_object(module()), "shop_settings"),
        (by_file, "settings.json"),
        (by_python, "settings.cfg"),
        (lambda config: config.from_mapping(TITLE=1), HERE),
        (lambda config: config.__setitem__("TITLE", 1), HERE),
        (lambda config: config.update(TITLE=1), HERE),
        (lambda config: config.setdefault("TITLE", 1), HERE),
        (lambda config: config.__ior__({"TITLE": 1}), HERE),
    ],
)
def test_each_way_to_set_a_key_is_known(set_it: Any, source: str, folder: Path) -> None:
    for kind in (Config, Own):
        config = kind(str(folder))
        with Recording().running() as recording:
            set_it(config)
        assert source in recording.of(config)["TITLE"]


def test_the_file_that_a_variable_names_is_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(str(folder))
    with Recording().running() as recording:
        by_variable(config, monkeypatch)
    assert recording.of(config) == {"TITLE": "settings.cfg"}


def test_variables_with_a_prefix_are_known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TITLE", "x")
    monkeypatch.setenv("SHOP_DB__port", "1")
    config = Config(str(folder))
    with Recording().running() as recording:
        config.from_prefixed_env("SHOP")
    assert recording.of(config) == {"TITLE": "$SHOP_TITLE", "DB": "$SHOP_DB__port"}


def test_the_last_one_counts_and_what_erlen_sets_by_itself_is_nobodys() -> None:
    with Recording().running() as recording:
        app = Flask("shop")
        assert recording.of(app.config) == {}
        app.debug = True
        assert HERE in recording.of(app.config)["DEBUG"]
        app.config.from_object(Production)
        app.config["TITLE"] = "line"
    assert HERE in recording.of(app.config)["TITLE"]


def test_two_applications_are_told_apart(folder: Path) -> None:
    one, two = Config(str(folder)), Config(str(folder))
    with Recording().running() as recording:
        one["A"] = 1
        two["B"] = 1
    assert (list(recording.of(one)), list(recording.of(two))) == (["A"], ["B"])


def test_nothing_is_noted_afterwards_also_after_an_error(folder: Path) -> None:
    methods = dict(vars(Config))
    recording = Recording()

    with pytest.raises(KeyError), recording.running():
        raise KeyError
    assert dict(vars(Config)) == methods
    config = Config(str(folder))
    config["A"] = 1
    assert recording.of(config) == {}
