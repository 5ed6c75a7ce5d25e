"""Turning the layer on and off."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import erlen
from erlen import legacy
from erlen.legacy import switch
from tests.alias.conftest import Run

USED = [
    "erlen",
    "erlen.app",
    "erlen.cli",
    "erlen.config",
    "erlen.declare.blueprint",
    "erlen.helpers",
    "erlen.json",
    "erlen.templating",
    "erlen.globals",
    "erlen.gateway.development",
]


def everything() -> dict[str, Any]:
    """Give all attributes of the modules and classes that the layer changes."""
    modules: dict[str, Any] = {
        module: {
            # A module that is imported meanwhile becomes an attribute of its package.
            name: value
            for name, value in vars(importlib.import_module(module)).items()
            if not isinstance(value, ModuleType)
        }
        for module in USED
    }
    classes = (
        *(erlen.Flask, erlen.Blueprint, erlen.Config, erlen.Request, erlen.Response),
        *(
            erlen.app.RequestContext,
            erlen.Erlen.jinja_environment,
            erlen.app.SessionInterface,
            erlen.cli.ScriptInfo,
        ),
    )
    # ABCMeta's counters are not of interest.
    named = {
        cls.__name__: {name: value for name, value in vars(cls).items() if not name.startswith("_abc")}
        for cls in classes
    }
    seams = (erlen.app.SEAMS.response.attributes, erlen.app.SEAMS.session_interface.attributes)
    return {**modules, **named, "seams": [dict(each) for each in seams], "finders": list(sys.meta_path)}


@pytest.mark.parametrize("level", ["1.1", "2.2"])
def test_what_was_changed_is_put_back(level: str) -> None:
    before = everything()
    legacy.install(level)
    try:
        assert everything() != before
        assert legacy.current_level() == level
    finally:
        legacy.uninstall()
    assert legacy.current_level() is None
    assert everything() == before


@pytest.mark.parametrize(("asked", "on"), [("1", "1.1"), (" 1.1 ", "1.1"), ("2.2", "2.2")])
def test_a_level_has_several_spellings(asked: str, on: str) -> None:
    legacy.install(asked)
    try:
        assert legacy.current_level() == on
    finally:
        legacy.uninstall()


@pytest.mark.parametrize("level", ["3", "1.0", "2.2.5", "yes", "1.1+", "1.1+library", "+libraries+libraries"])
def test_another_level_is_refused(level: str) -> None:
    with pytest.raises(ValueError, match=r"There are '1\.1' and '2\.2'"):
        legacy.install(level)
    assert legacy.current_level() is None


@pytest.mark.usefixtures("of_1_1")
def test_the_same_level_may_be_asked_for_again() -> None:
    legacy.install("1")
    assert legacy.current_level() == "1.1"


@pytest.mark.usefixtures("of_1_1")
def test_a_different_level_says_which_is_on() -> None:
    with pytest.raises(RuntimeError, match=r"asked for as '2\.2', and it is on as '1\.1' already"):
        legacy.install("2.2")
    assert legacy.current_level() == "1.1"
    assert hasattr(erlen.Flask, "open_session")


def test_a_part_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()

    def fail(changes: object, level: str) -> None:
        raise OSError("broken")

    monkeypatch.setattr("erlen.legacy.names.add", fail)
    with pytest.raises(OSError, match="broken"):
        legacy.install("1.1")
    monkeypatch.undo()
    assert everything() == before


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_thread_that_looks_meanwhile_gets_all_names_or_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first module has its names, the last one not yet: who sees the first waits for the last."""
    from erlen.legacy import names

    half, found = threading.Event(), []
    original = names._Names.fill
    filled = []

    def fill(self: Any, table: Any) -> None:
        filled.append(self)
        if len(filled) == 2:
            half.set()
            look.join(0.2)  # it waits for the lock, and this goes on
            assert found == []
        original(self, table)

    def look_up() -> None:
        half.wait(10)
        found.append(erlen._request_ctx_stack)
        found.append(erlen.views.MethodViewType)

    monkeypatch.setattr(names._Names, "fill", fill)
    look = threading.Thread(target=look_up)
    look.start()
    try:
        # The package is filled last here, so that its name is what the thread waits for.
        order = dict(reversed(list(names.VALUES.items())))
        monkeypatch.setattr(names, "VALUES", order)
        legacy.install("1.1")
        look.join(10)
    finally:
        legacy.uninstall()
        legacy.notices.forget()
    assert len(found) == 2


def test_many_threads_ask_at_once() -> None:
    errors, start = [], threading.Barrier(8)

    def ask(level: str) -> None:
        start.wait(10)
        try:
            legacy.install(level)
        except RuntimeError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=ask, args=(level,)) for level in ["1.1", "2.2"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    try:
        assert legacy.current_level() in ("1.1", "2.2")
        assert len(errors) == 4
    finally:
        legacy.uninstall()


def test_the_parts_are_the_modules() -> None:
    assert len(set(switch.PARTS)) == len(switch.PARTS)


# by the alias, in processes of their own

SHOW = """
import warnings; warnings.simplefilter("ignore")
import flask
from erlen import legacy
print(legacy.current_level(), hasattr(flask, "_request_ctx_stack"), hasattr(flask, "safe_join"))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "env", "shown"),
    [
        ("", {"ERLEN_LEGACY": ""}, "None False False"),
        ("", {"ERLEN_LEGACY": "0"}, "None False False"),
        ("", {"ERLEN_LEGACY": "1"}, "1.1 True True"),
        ("", {"ERLEN_LEGACY": "2.2"}, "2.2 True False"),
        ("erlen.as_flask.install(legacy='1.1')", {}, "1.1 True True"),
        ("erlen.as_flask.install(legacy='1.1')", {"ERLEN_LEGACY": "1.1"}, "1.1 True True"),
        ("erlen.as_flask.uninstall(); erlen.as_flask.install(legacy='2.2')", {}, "2.2 True False"),
    ],
)
def test_the_alias_turns_it_on(start: str, env: dict[str, str], shown: str, python: Run) -> None:
    done = python("-c", f"import erlen.as_flask\n{start}\n{SHOW}", **env)
    assert (done.stdout.strip(), done.stderr) == (shown, "")


def test_the_alias_without_it_imports_nothing_of_it(says: Callable[[str], str]) -> None:
    code = "import erlen.as_flask, flask, sys; print([m for m in sys.modules if 'erlen.legacy' in m])"
    assert says(code) == "[]"


def test_uninstalling_the_alias_turns_it_off(says: Callable[[str], str]) -> None:
    code = "erlen.as_flask.install(legacy='1.1'); erlen.as_flask.uninstall(); from erlen import legacy"
    assert says(f"import erlen.as_flask; {code}; print(legacy.current_level())") == "None"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "env", "error"),
    [
        ("erlen.as_flask.install(legacy='2.2')", {"ERLEN_LEGACY": "1.1"}, "it is on as '1.1' already"),
        ("", {"ERLEN_LEGACY": "3.1"}, "There is no legacy layer '3.1'"),
    ],
)
def test_the_alias_says_what_is_wrong(start: str, env: dict[str, str], error: str, python: Run) -> None:
    done = python("-c", f"import erlen.as_flask\n{start}", **env)
    assert done.returncode == 1
    assert error in done.stderr


ANNOTATIONS = """
from __future__ import annotations
import typing, warnings
from flask import Flask
if typing.TYPE_CHECKING:
    from flask import Markup, _request_ctx_stack
def view(text: Markup, stack: "_request_ctx_stack") -> Markup: return text
app = Flask(__name__)
app.add_url_rule("/", "view", lambda: view("text", None))
print(app.test_client().get("/").text)
"""


@pytest.mark.slow
@pytest.mark.parametrize("level", ["0", "1.1"])
def test_a_name_in_annotations_only_needs_no_layer_and_does_not_warn(level: str, python: Run) -> None:
    done = python(
        "-c",
        f"import erlen.as_flask\n{ANNOTATIONS.strip()}".replace(
            "import erlen.as_flask\nfrom __future__ import annotations",
            "from __future__ import annotations\nimport erlen.as_flask",
        ),
        ERLEN_LEGACY=level,
    )
    assert (done.stdout.strip(), done.stderr) == ("text", "")
