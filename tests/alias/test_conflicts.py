"""The real Flask was imported before the alias was turned on."""

from __future__ import annotations

import pytest

from .conftest import Run

pytestmark = pytest.mark.slow


def test_that_is_an_error_that_says_what_to_do(python: Run) -> None:
    done = python("-c", "import flask, erlen.as_flask")
    assert done.returncode == 1
    message = done.stderr.splitlines()[-1]
    assert message.startswith("RuntimeError: ")
    for part in (
        "imported before",
        "/flask/",
        "python -m erlen.as_flask",
        "ERLEN_AS_FLASK=1",
        "replace",
    ):
        assert part in message


def test_a_submodule_alone_is_a_conflict_too(python: Run) -> None:
    done = python("-c", "import flask.json.tag, erlen.as_flask")
    assert "RuntimeError" in done.stderr


def test_turning_the_alias_on_twice_is_no_conflict(python: Run) -> None:
    done = python(
        "-c", "import erlen.as_flask, flask; erlen.as_flask.install(); print(flask.Flask.__module__)"
    )
    assert done.stdout == "erlen.app\n", done.stderr


WHO = "import flask; print(flask.Flask.__module__)"
REPLACING = """
import sys, types, warnings
import flask
import flask.json.tag

holder = types.ModuleType("holder")
exec("from flask import Flask, request, jsonify", vars(holder))
sys.modules["holder"] = holder
whole = types.ModuleType("whole")
whole.flask = flask
sys.modules["whole"] = whole
made = types.ModuleType("made")
made.app = flask.Flask("made")
sys.modules["made"] = made
innocent = types.ModuleType("innocent")
innocent.number = 5
sys.modules["innocent"] = innocent

from erlen import alias
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    holders = alias.install(replace=True)

import flask as new
assert new.Flask.__module__ == "erlen.app"
import flask.json.tag as tag
assert tag.__name__ == "erlen.json.tag"
print([name for name in holders if name in ("holder", "whole", "made", "innocent")])
print([str(warning.message).count("holder") for warning in caught])
"""


def test_a_replacement_names_the_modules_that_refer_to_the_old_one(python: Run) -> None:
    done = python("-c", REPLACING)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["['holder', 'made', 'whole']", "[1]"]


def test_a_replacement_with_nothing_to_replace_is_silent(python: Run) -> None:
    code = "from erlen import alias; print(alias.install(replace=True)); " + WHO
    assert python("-c", code).stdout == "[]\nerlen.app\n"


@pytest.mark.parametrize("extension", ["flask_login", "flask_sqlalchemy", "flask_wtf", "flask_restful"])
def test_extensions_import_erlen(extension: str, python: Run) -> None:
    pytest.importorskip(extension)
    code = (
        f"import erlen.as_flask, {extension}, sys;"
        "held = [m for n, m in sys.modules.items() if n.partition('.')[0] == 'flask' and m is not None];"
        "print({m.__name__.partition('.')[0] for m in held})"
    )
    done = python("-W", "default", "-c", code)
    assert done.stdout == "{'erlen'}\n", done.stderr
