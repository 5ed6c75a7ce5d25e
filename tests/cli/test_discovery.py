"""Which application a module, a path or a reference stands for: as Flask decides, and better explained."""

from __future__ import annotations

import os
import sys
import types
import typing as t
from pathlib import Path

import flask
import flask.cli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import erlen.cli
from erlen import Flask
from erlen.cli import NoAppException
from tests.serve.beside import examples

# What a module may hold under a name, made with either framework's class.
MAKERS: dict[str, t.Callable[[type], object]] = {
    "an application": lambda cls: cls("one"),
    "a second application": lambda cls: cls("two"),
    "a factory": lambda cls: lambda: cls("made"),
    "a factory with a default": lambda cls: lambda name="made": cls(name),
    "a factory with keywords": lambda cls: lambda **names: cls("-".join(["made", *names])),
    "a factory that needs one": lambda cls: lambda name: cls(str(name)),
    "a factory that fails": lambda cls: lambda: int("x"),
    "a factory with a type error inside": lambda cls: lambda: len(1),  # type: ignore[arg-type]
    "a factory with a wrong call inside": lambda cls: lambda: (lambda x: x)(),  # type: ignore[call-arg]
    "a factory of nothing": lambda cls: lambda: None,
    "the class": lambda cls: cls,
    "a number": lambda cls: 1,
    "a proxy": lambda cls: erlen.current_app if cls is Flask else flask.current_app,
}
NAMES = ("app", "application", "site", "other", "create_app", "make_app", "_hidden")
MODULES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(sorted(MAKERS)))


def module(contents: dict[str, str], cls: type) -> types.ModuleType:
    made = types.ModuleType("hello")
    vars(made).update({name: MAKERS[maker](cls) for name, maker in contents.items()})
    return made


def outcome(find: t.Callable[..., t.Any], *args: object) -> str:
    """Say what came out of it: the application's name or the error's class."""
    try:
        return f"application {find(*args).name}"
    except Exception as error:
        return f"{type(error).__name__}"


@given(MODULES)
def test_the_best_application_of_a_module_is_the_one_flask_finds(contents: dict[str, str]) -> None:
    ours = outcome(erlen.cli.find_best_app, module(contents, Flask))
    assert ours == outcome(flask.cli.find_best_app, module(contents, flask.Flask))


FRAGMENTS = [
    "app",
    "create_app",
    "make_app",
    "_hidden",
    "(",
    ")",
    "'a'",
    "1",
    ",",
    "name=",
    " ",
    ".",
    "*",
    "[",
    "]",
    "x",
]
REFERENCES = st.one_of(
    st.sampled_from(NAMES),
    st.builds(
        "{}({})".format,
        st.sampled_from(NAMES),
        st.sampled_from(["", "'a'", "x", "name='a'", "1, 2", "*[1]", "b=1"]),
    ),
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12),
)


@given(MODULES, REFERENCES)
@examples(120)
def test_a_reference_means_what_it_means_to_flask(contents: dict[str, str], reference: str) -> None:
    ours = outcome(erlen.cli.find_app_by_string, module(contents, Flask), reference)
    assert ours == outcome(flask.cli.find_app_by_string, module(contents, flask.Flask), reference)


def test_arguments_in_a_dictionary_are_given_to_the_factory() -> None:
    contents = {"create_app": "a factory with keywords"}
    app = erlen.cli.find_app_by_string(module(contents, Flask), "create_app(**{'a': 1}, b=2)")
    assert app.name == "made-a-b"


@pytest.mark.parametrize("reference", ["create_app({[]: 1})", "create_app(x)", "create_app(open('f'))"])
def test_arguments_that_are_no_literals_are_refused_with_a_hint(reference: str) -> None:
    with pytest.raises(NoAppException, match="literals") as caught:
        erlen.cli.find_app_by_string(module({"create_app": "a factory"}, Flask), reference)
    assert reference in caught.value.format_message()


@pytest.mark.parametrize(
    ("contents", "reference", "told"),
    [
        ({"app": "an application"}, "ap", ["'ap'", "'hello'", "Did you mean 'app'"]),
        (
            {"create_app": "a factory that needs one"},
            "create_app",
            ["hello:create_app", "missing 1 required"],
        ),
        ({"app": "a number"}, "app", ["hello:app", "'int'", "Name the application object"]),
        ({"app": "the class"}, "app", ["the class", "Name the application object"]),
        ({"create_app": "a factory of nothing"}, "create_app()", ["None", "function that returns it"]),
        ({}, "pkg.create_app()", ["pkg.create_app()", "without dots"]),
        ({}, "create_app(", ["create_app(", "a name", "a call"]),
    ],
)
def test_a_reference_to_nothing_useful_names_the_thing_the_place_and_the_way_out(
    contents: dict[str, str], reference: str, told: list[str]
) -> None:
    with pytest.raises(NoAppException) as caught:
        erlen.cli.find_app_by_string(module(contents, Flask), reference)
    for part in told:
        assert part in caught.value.format_message()


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        ({}, ["'hello'", "no application", "hello:name"]),
        ({"a": "an application", "b": "an application"}, ["several", "a, b", "hello:a"]),
        (
            {"create_app": "a factory that needs one"},
            ["'create_app'", "needs arguments", "missing 1 required"],
        ),
    ],
)
def test_a_module_without_a_clear_application_says_what_to_do(
    contents: dict[str, str], told: list[str]
) -> None:
    with pytest.raises(NoAppException) as caught:
        erlen.cli.find_best_app(module(contents, Flask))
    for part in told:
        assert part in caught.value.format_message()


@pytest.mark.parametrize("name", ["app", "other"])
def test_an_application_of_the_installed_flask_is_refused_with_the_way_out(name: str) -> None:
    holder = module({name: "an application"}, flask.Flask)
    finders: list[t.Callable[[], object]] = [
        lambda: erlen.cli.find_best_app(holder),
        lambda: erlen.cli.find_app_by_string(holder, name),
        lambda: erlen.cli.ScriptInfo(create_app=lambda: getattr(holder, name)).load_app(),
    ]
    for find in finders:
        with pytest.raises(NoAppException, match="installed Flask") as caught:
            find()
        assert "ERLEN_AS_FLASK=1" in caught.value.format_message()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders with and without `__init__.py`, for paths to point at."""
    root = tmp_path_factory.mktemp("tree")
    for package in ("pkg", "pkg/inner", "plain/pkg", "pkg.dotted"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").touch()
    for file in ("hello.py", "pkg/mod.py", "pkg/inner/mod.py", "plain/mod.py", "pkg/note.txt"):
        (root / file).touch()
    (root / "link").symlink_to(root / "pkg")
    return root


PARTS = [
    "pkg",
    "inner",
    "plain",
    "pkg.dotted",
    "link",
    "mod",
    "mod.py",
    "hello.py",
    "__init__.py",
    "__init__",
    "..",
    ".",
    "a.b",
    "note.txt",
]


@given(st.lists(st.sampled_from(PARTS), max_size=5).map("/".join), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_path_becomes_the_module_name_and_import_folder_that_flask_makes_of_it(
    tree: Path, path: str, absolute: bool
) -> None:
    def prepared(prepare: t.Callable[[str], str]) -> tuple[str, list[str]]:
        before = sys.path[:]
        try:
            return prepare(str(tree / path) if absolute else path), sys.path[:]
        finally:
            sys.path[:] = before

    here = os.getcwd()
    os.chdir(tree)
    try:
        assert prepared(erlen.cli.prepare_import) == prepared(flask.cli.prepare_import)
    finally:
        os.chdir(here)


def test_the_import_folder_is_not_added_twice(folder: Path) -> None:
    erlen.cli.prepare_import("hello.py")
    length = len(sys.path)
    erlen.cli.prepare_import("hello")
    assert sys.path[0] == str(folder)
    assert len(sys.path) == length


PATHS = st.text(st.sampled_from("ab/."), max_size=8)


@given(PATHS, PATHS)
def test_ancestors_are_told_as_flask_tells_them(path: str, other: str) -> None:
    assert erlen.cli._path_is_ancestor(path, other) == flask.cli._path_is_ancestor(path, other)


@pytest.fixture
def importable(folder: Path) -> Path:
    sys.path.insert(0, str(folder))
    return folder


def test_a_module_is_imported_and_searched(importable: Path) -> None:
    (importable / "located.py").write_text("from erlen import Flask\nsite = Flask('located')\n")
    assert erlen.cli.locate_app("located", None).name == "located"
    assert erlen.cli.locate_app("located", "site").name == "located"


@pytest.mark.parametrize("name", ["nowhere", "nowhere.py", "json.nowhere", "a/b"])
def test_a_missing_module_is_an_error_or_none_as_the_caller_likes(importable: Path, name: str) -> None:
    assert erlen.cli.locate_app(name, None, raise_if_not_found=False) is None
    with pytest.raises(NoAppException, match="Could not import") as caught:
        erlen.cli.locate_app(name, None)
    assert repr(name) in caught.value.format_message()
    assert str(importable) in caught.value.format_message()


def test_a_misspelt_module_gets_a_suggestion(importable: Path) -> None:
    (importable / "guestbook.py").touch()
    with pytest.raises(NoAppException, match="Did you mean 'guestbook'"):
        erlen.cli.locate_app("gestbook", None)


@pytest.mark.parametrize("required", [True, False])
def test_an_import_error_inside_the_module_is_shown_as_itself(importable: Path, required: bool) -> None:
    (importable / "inside.py").write_text("\nimport nowhere_to_be_found\n")
    with pytest.raises(NoAppException) as caught:
        erlen.cli.locate_app("inside", None, raise_if_not_found=required)  # type: ignore[call-overload]
    message = caught.value.format_message()
    assert "'inside' exists but cannot be imported" in message
    assert f'File "{importable / "inside.py"}", line 2' in message
    assert "ModuleNotFoundError: No module named 'nowhere_to_be_found'" in message
    assert "erlen" not in message.partition("Traceback")[2]


def test_a_name_that_flask_has_removed_is_an_error_that_names_the_ways_out(importable: Path) -> None:
    (importable / "old.py").write_text("from erlen import before_all_else\n")
    with pytest.raises(NoAppException, match="cannot import name") as caught:
        erlen.cli.locate_app("old", None)
    for part in ("'erlen check --legacy'", "'erlen --legacy'"):
        assert part in caught.value.format_message()


@pytest.mark.parametrize("line", ["1 / 0", "def (", "undefined_name"])
def test_other_errors_inside_the_module_pass_through(importable: Path, line: str) -> None:
    (importable / "failing.py").write_text(line)
    with pytest.raises((ZeroDivisionError, SyntaxError, NameError)):
        erlen.cli.locate_app("failing", None)
