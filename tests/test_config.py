"""The configuration fills itself as Flask's does, and says when it changes."""

from __future__ import annotations

import copy
import json
import os
import pickle
import types
import typing as t
from pathlib import Path

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.config import Config, ConfigAttribute

Change = t.Callable[[Config], object]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(tmp_path, {"A": 1, "B": 2})


# changes are reported


def ior(config: Config) -> None:
    config |= {"C": 3}


CHANGES: dict[str, tuple[Change, dict[str, int]]] = {
    "set an item": (lambda config: config.__setitem__("A", 3), {"A": 3, "B": 2}),
    "delete an item": (lambda config: config.__delitem__("A"), {"B": 2}),
    "update from a mapping": (lambda config: config.update({"C": 3}), {"A": 1, "B": 2, "C": 3}),
    "update from pairs": (lambda config: config.update([("A", 3)]), {"A": 3, "B": 2}),
    "update from keywords": (lambda config: config.update(C=3), {"A": 1, "B": 2, "C": 3}),
    "merge in place": (ior, {"A": 1, "B": 2, "C": 3}),
    "pop": (lambda config: config.pop("A"), {"B": 2}),
    "pop the last item": (lambda config: config.popitem(), {"A": 1}),
    "set a default": (lambda config: config.setdefault("C", 3), {"A": 1, "B": 2, "C": 3}),
    "clear": (lambda config: config.clear(), {}),
    "load a mapping": (lambda config: config.from_mapping(C=3), {"A": 1, "B": 2, "C": 3}),
}


@pytest.mark.parametrize(("change", "after"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_reported_once_it_can_be_seen(config: Config, change: Change, after: object) -> None:
    seen: list[tuple[dict[str, t.Any], object]] = []
    before = config.stamp
    config.on_change = lambda: seen.append((dict(config), config.stamp))

    change(config)

    assert config == after
    assert config.stamp is not before
    assert seen[-1] == (after, config.stamp)


def test_changing_works_without_anybody_listening(config: Config) -> None:
    assert config.on_change is None
    config["A"] = 3
    assert config["A"] == 3


READS: dict[str, Change] = {
    "an item": lambda config: config["A"],
    "get": lambda config: config.get("A"),
    "get what is missing": lambda config: config.get("Z", 0),
    "membership": lambda config: "A" in config,
    "a copy": lambda config: config.copy(),
    "the items": lambda config: list(config.items()),
    "a namespace": lambda config: config.get_namespace("A"),
    "a default for a key that has a value": lambda config: config.setdefault("A", 99),
    "a union": lambda config: config | {"C": 3},
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_reading_is_not_a_change(config: Config, read: Change) -> None:
    stamp = config.stamp
    config.on_change = lambda: pytest.fail("reading was reported as a change")
    read(config)
    assert config.stamp is stamp
    assert config == {"A": 1, "B": 2}


def test_reading_is_the_dicts_own() -> None:
    for name in ("__getitem__", "__contains__", "__iter__", "get", "items", "keys", "values", "copy"):
        assert getattr(Config, name) is getattr(dict, name)


def test_an_update_that_fails_half_way_is_reported(config: Config) -> None:
    def pairs() -> t.Iterator[tuple[str, int]]:
        yield "A", 3
        raise ZeroDivisionError

    stamp = config.stamp
    with pytest.raises(ZeroDivisionError):
        config.update(pairs())
    assert config["A"] == 3
    assert config.stamp is not stamp


def test_every_configuration_has_a_stamp_of_its_own(tmp_path: Path) -> None:
    assert Config(tmp_path).stamp is not Config(tmp_path).stamp


COPIES: dict[str, t.Callable[[Config], t.Any]] = {
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "pickle": lambda config: pickle.loads(pickle.dumps(config)),
}


@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_changes_of_a_copied_configuration_are_not_reported(
    config: Config, duplicate: t.Callable[[Config], t.Any]
) -> None:
    calls: list[str] = []
    config.on_change = lambda: calls.append("change")

    copied = duplicate(config)
    copied["A"] = 3

    assert type(copied) is Config
    assert copied == {"A": 3, "B": 2}
    assert copied.root_path == config.root_path
    assert copied.stamp is not config.stamp
    assert config["A"] == 1
    assert calls == []


def test_the_dicts_copy_is_a_plain_dict(config: Config) -> None:
    assert type(config.copy()) is dict
    assert config.copy() == config


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 3))))
def test_the_stamp_changes_whenever_the_content_does(steps: list[tuple[str, int]]) -> None:
    config = Config("/")
    for key, value in steps:
        before, stamp = dict(config), config.stamp
        config.setdefault(key, value) if value % 2 else config.update({key: value})
        assert config == before or config.stamp is not stamp


# filling


def test_only_names_in_capitals_are_loaded_from_an_object(config: Config) -> None:
    class Base:
        INHERITED = "yes"

    class Settings(Base):
        SECRET_KEY = "x"
        lower = "no"
        Mixed = "no"

    config.from_object(Settings)
    assert config == {"A": 1, "B": 2, "INHERITED": "yes", "SECRET_KEY": "x"}


def test_an_object_may_be_named_by_its_import_path(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("some_settings")
    module.__dict__.update(PORT=1, ignored=2)
    monkeypatch.setitem(__import__("sys").modules, "some_settings", module)
    config.from_object("some_settings")
    assert config["PORT"] == 1
    assert "ignored" not in config


def test_a_python_file_is_run_and_its_capitals_loaded(config: Config, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("from os import sep\nTHREE = 1 + 2\nHERE = __file__\nsmall = 1\n")
    assert config.from_pyfile("settings.py") is True
    assert config["THREE"] == 3
    assert config["HERE"] == str(tmp_path / "settings.py")
    assert "small" not in config


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "iso-8859-15"])
def test_a_python_file_is_read_in_the_encoding_it_declares(
    config: Config, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "settings.py").write_text(f'# coding: {encoding}\nNAME = "föö"\n', encoding)
    config.from_pyfile(tmp_path / "settings.py")
    assert config["NAME"] == "föö"


def test_any_file_is_loaded_with_a_function_that_reads_it(config: Config, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"PORT": 5432, "ignored": 1}')
    assert config.from_file("settings.json", json.load) is True
    assert config.from_file("settings.json", lambda file: {"RAW": file.read()}, text=False) is True
    assert config["PORT"] == 5432
    assert config["RAW"].startswith(b"{")
    assert "ignored" not in config


def test_a_mapping_pairs_and_keywords_fill_it(config: Config) -> None:
    assert config.from_mapping({"C": 3, "c": 4}, D=5, d=6) is True
    assert config.from_mapping([("E", 7)]) is True
    assert config == {"A": 1, "B": 2, "C": 3, "D": 5, "E": 7}


def test_the_environment_fills_it(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "os.environ",
        {
            "FLASK_TEXT": "value",
            "FLASK_NUMBER": "1.5",
            "FLASK_LIST": "[1, 2]",
            "FLASK_A__deep__er": "true",
            "FLASK_A__kept__x": "0",
            "FLASKS": "no",
            "OTHER_TEXT": "other",
        },
    )
    config["A"] = {"kept": {"y": 1}}
    assert config.from_prefixed_env() is True
    assert config == {
        "A": {"kept": {"y": 1, "x": 0}, "deep": {"er": True}},
        "B": 2,
        "TEXT": "value",
        "NUMBER": 1.5,
        "LIST": [1, 2],
    }
    config.from_prefixed_env("OTHER", loads=str.upper)
    assert config["TEXT"] == "OTHER"


def test_an_item_set_inside_a_value_is_reported(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    config["DB"] = {}
    stamp = config.stamp
    monkeypatch.setenv("NEST_DB__port", "1")
    config.from_prefixed_env("NEST")
    assert config["DB"] == {"port": 1}
    assert config.stamp is not stamp


@given(
    env=st.dictionaries(
        st.from_regex(r"(FLASK|X)_[AB](__[ab]){0,2}", fullmatch=True),
        st.sampled_from(["1", "text", "null", '{"a": {"b": 1}}', "[1]", '"q"', "NaN"]),
    )
)
def test_the_environment_fills_it_as_it_fills_flasks(env: dict[str, str]) -> None:
    def fill(config: t.Any) -> object:
        try:
            config.from_prefixed_env()
        except TypeError:
            return "TypeError", repr(dict(config))
        return repr(dict(config))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.environ", env)
        assert fill(Config("/")) == fill(flask.Config("/"))


@given(
    values=st.dictionaries(st.text("ABab_", max_size=5), st.integers(), max_size=6),
    namespace=st.text("ABab_", max_size=3),
    lowercase=st.booleans(),
    trim=st.booleans(),
)
def test_a_namespace_is_what_flask_says_it_is(
    values: dict[str, int], namespace: str, lowercase: bool, trim: bool
) -> None:
    ours = Config("/", values).get_namespace(namespace, lowercase, trim)
    theirs = flask.Config("/", values).get_namespace(namespace, lowercase, trim)
    assert list(ours.items()) == list(theirs.items())


def test_it_shows_its_class_and_values() -> None:
    class MyConfig(Config):
        pass

    assert repr(MyConfig("/", {"A": 1})) == "<MyConfig {'A': 1}>"


# what goes wrong


@pytest.mark.parametrize("load", ["from_pyfile", "from_file"])
def test_a_missing_file_is_named_with_the_way_out(config: Config, tmp_path: Path, load: str) -> None:
    arguments: list[t.Any] = ["missing.cfg"] if load == "from_pyfile" else ["missing.cfg", json.load]
    with pytest.raises(FileNotFoundError) as caught:
        getattr(config, load)(*arguments)
    text = str(caught.value)
    assert text.startswith("[Errno 2] Unable to load configuration file (No such file or directory):")
    assert text.endswith(f"{str(tmp_path / 'missing.cfg')!r}")
    assert "silent=True" in text
    assert getattr(config, load)(*arguments, silent=True) is False


def test_a_folder_is_no_file_and_can_be_passed_over(config: Config, tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="Unable to load configuration file"):
        config.from_pyfile(tmp_path)
    assert config.from_pyfile(tmp_path, silent=True) is False
    (tmp_path / "file").touch()
    assert config.from_pyfile("file/below", silent=True) is False
    with pytest.raises(NotADirectoryError):
        config.from_file("file/below", json.load, silent=True)


def test_silence_does_not_cover_a_file_that_may_not_be_read(config: Config, tmp_path: Path) -> None:
    def refuse(*args: object, **kwargs: object) -> t.NoReturn:
        raise PermissionError(13, "Permission denied", str(tmp_path / "settings.json"))

    (tmp_path / "settings.json").touch()
    with pytest.raises(PermissionError, match="make it readable for the user that runs the application"):
        config.from_file("settings.json", refuse, silent=True)


def test_a_file_that_fails_to_find_another_one_is_named_too(config: Config, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("open('/nowhere/secret')")
    with pytest.raises(FileNotFoundError) as caught:
        config.from_pyfile("settings.py")
    assert str(tmp_path / "settings.py") in str(caught.value)
    assert "/nowhere/secret" in str(caught.value)


def test_errors_of_a_python_file_are_its_own(config: Config, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("A = 1 / 0")
    with pytest.raises(ZeroDivisionError):
        config.from_pyfile("settings.py", silent=True)
    (tmp_path / "settings.py").write_text("A = ")
    with pytest.raises(SyntaxError):
        config.from_pyfile("settings.py")


def test_the_variable_that_should_name_a_file(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MY_SETTINGS", raising=False)
    with pytest.raises(RuntimeError, match=r"'MY_SETTINGS' is not set.*export MY_SETTINGS="):
        config.from_envvar("MY_SETTINGS")
    assert config.from_envvar("MY_SETTINGS", silent=True) is False

    (tmp_path / "settings.py").write_text("C = 3")
    monkeypatch.setenv("MY_SETTINGS", "settings.py")
    assert config.from_envvar("MY_SETTINGS") is True
    assert config["C"] == 3

    monkeypatch.setenv("MY_SETTINGS", "missing.py")
    with pytest.raises(FileNotFoundError):
        config.from_envvar("MY_SETTINGS")
    assert config.from_envvar("MY_SETTINGS", silent=True) is False


def test_a_variable_that_reaches_into_a_value_that_is_no_dict(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REACH_A__port", "1")
    with pytest.raises(TypeError, match=r"'REACH_A__port'.*'A'.*of type int"):
        config.from_prefixed_env("REACH")


# attributes of the application


class Application:
    plain: ConfigAttribute[t.Any] = ConfigAttribute("KEY")
    doubled: ConfigAttribute[int] = ConfigAttribute("KEY", get_converter=lambda value: value * 2)

    def __init__(self) -> None:
        self.config: dict[str, t.Any] = Config(os.curdir, {"KEY": 1})


def test_an_attribute_reads_and_writes_a_key() -> None:
    app = Application()
    assert app.plain == 1
    app.plain = 21
    assert app.config["KEY"] == 21
    assert app.doubled == 42


def test_an_attribute_read_on_the_class_is_itself() -> None:
    assert isinstance(Application.plain, ConfigAttribute)
    assert Application.plain.__name__ == "KEY"
