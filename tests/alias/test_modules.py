"""With the alias on, `flask` and its submodules are Erlen's modules, and nothing else is."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import flask
import pytest

from erlen import alias

pytestmark = pytest.mark.slow

Says = Callable[[str], str]

FLASK = Path(flask.__file__).parent
PATHS = [path.relative_to(FLASK.parent) for path in FLASK.rglob("*.py") if path.stem != "__main__"]
MODULES = sorted(
    {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in PATHS} - {"flask"}
)
# What Flask had once, and has no more: its presence is how extensions recognise an old Flask.
REMOVED_MODULES = ["flask.scaffold", "flask.ext", "flask._compat", "flask.exthook", "flask.json.tag.x"]
REMOVED_NAMES = [
    *["Markup", "escape", "_request_ctx_stack", "_app_ctx_stack", "safe_join", "total_seconds"],
    *["signals_available", "RequestContext"],
]
REMOVED_ATTRIBUTES = ["before_first_request", "json_encoder", "json_decoder", "env", "session_cookie_name"]


def test_the_modules_of_the_real_flask_are_known() -> None:
    assert {"flask.app", "flask.json.provider", "flask.sansio.app", "flask.cli"} < set(MODULES)


@pytest.fixture(scope="module")
def identities() -> dict[str, list[object]]:
    """What one process says of every module: is it Erlen's, is it unchanged, what is it called."""
    code = f"""
import importlib, json, sys
def traits(module):
    return module.__name__, module.__spec__, module.__loader__, module.__package__
from erlen.alias import MODULES
own = {{name: importlib.import_module(MODULES[name]) for name in {MODULES}}}
before = {{name: traits(module) for name, module in own.items()}}
import erlen.as_flask
told = {{}}
for name, module in own.items():
    same = importlib.import_module(name) is module is sys.modules[name]
    told[name] = same, traits(module) == before[name], module.__name__, module.__spec__.name
print(json.dumps(told))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", MODULES)
def test_a_submodule_is_erlens_and_unchanged(name: str, identities: dict[str, list[object]]) -> None:
    own = alias.MODULES[name]
    assert own == name.replace("flask", "erlen", 1) or name.startswith("flask.sansio.")
    assert identities[name] == [True, True, own, own]


def test_the_package_is_erlen_and_its_classes_are_the_same(says: Says) -> None:
    assert (
        says("""
import erlen.as_flask, flask, erlen
from flask import Flask, cli, json, sessions
from flask.app import Flask as same
assert flask is erlen and Flask is same is erlen.Erlen is erlen.Flask
assert cli is erlen.cli and json is erlen.json and sessions is erlen.sessions
print(flask.__name__, flask.__spec__.name)
""")
        == "erlen erlen"
    )


def test_the_version_is_flasks_and_asking_for_it_warns_as_flask_does(says: Says) -> None:
    told = says("""
import erlen.as_flask, flask, warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(flask.__version__, [warning.category.__name__ for warning in caught])
""")
    assert told == "3.1.3 ['DeprecationWarning']"


def test_the_distributions_can_be_asked_for_their_versions(says: Says) -> None:
    told = says("""
import erlen.as_flask, importlib.metadata
print(importlib.metadata.version("flask"), bool(importlib.metadata.version("werkzeug")))
""")
    assert told == "3.1.3 True"


@pytest.mark.parametrize("name", REMOVED_MODULES)
def test_modules_that_flask_does_not_have_do_not_exist(name: str, says: Says) -> None:
    told = says(f"""
import erlen.as_flask
try:
    import {name}
except ModuleNotFoundError as error:
    print(error.name)
""")
    assert told == name


def test_other_modules_of_erlen_have_no_name_in_flask(says: Says) -> None:
    told = says("""
import erlen.as_flask, importlib
for name in ("flask.as_flask", "flask.plan", "flask.serve", "flask.gateway", "flask.alias"):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        continue
    print(name)
""")
    assert told == ""


def test_names_that_flask_removed_are_absent(says: Says) -> None:
    told = says(f"""
import erlen.as_flask, flask
app = flask.Flask("x")
print([name for name in {REMOVED_NAMES} if hasattr(flask, name)])
print([name for name in {REMOVED_ATTRIBUTES} if hasattr(app, name)])
""")
    kept = [name for name in REMOVED_NAMES if hasattr(flask, name)]
    assert told.splitlines() == [str(kept), "[]"]


def test_walking_every_attribute_of_every_module_raises_and_warns_nothing(says: Says) -> None:
    told = says(f"""
import erlen.as_flask, importlib, sys
names = ["flask", *{MODULES}]
for name in names:
    importlib.import_module(name)
count = 0
for name, module in sorted(sys.modules.items()):
    if name.partition(".")[0] in ("flask", "erlen"):
        for attribute in dir(module):
            getattr(module, attribute)
            count += 1
print(count > 500)
""")
    assert told == "True"


def test_every_public_module_can_be_imported_first(says: Says) -> None:
    for name in ("flask.json.provider", "flask.sansio.scaffold", "flask.cli", "flask.testing"):
        assert says(f"import erlen.as_flask; import {name}; print({name}.__name__)").startswith("erlen.")


def test_the_alias_does_not_reach_names_that_only_begin_like_flask(says: Says) -> None:
    told = says("""
import erlen.as_flask, importlib.util
print(importlib.util.find_spec("flask_that_nobody_wrote"))
""")
    assert told == "None"


def test_flasks_modules_are_what_the_measure_says() -> None:
    for name in MODULES:
        assert importlib.import_module(name).__name__ == name, "The real Flask must be what this process has."
