"""The real Flask was imported before the alias was turned on."""

from __future__ import annotations

import sys

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


@pytest.mark.parametrize("late", ["alias.install()", "erlen_as_flask.start(); import flask.testing"])
def test_so_it_is_in_whatever_way_it_is_asked_for(late: str, python: Run) -> None:
    done = python("-c", f"import flask, erlen_as_flask; from erlen import alias; {late}")
    message = done.stderr.splitlines()[-1]
    assert message.startswith("RuntimeError: Flask itself was imported before Erlen took its name (/")
    assert "'erlen.alias.install(replace=True)'" in message


def test_the_real_flask_goes_on_after_the_error(python: Run) -> None:
    code = """
import flask
try:
    import erlen.as_flask
except RuntimeError:
    pass
import flask.views, flask.testing
app = flask.Flask("app")
app.add_url_rule("/", "hello", lambda: "hello")
print(flask.views.__name__, app.test_client().get("/").text)
"""
    assert python("-c", code).stdout == "flask.views hello\n"


COUNTED = """
import sys, erlen_as_flask
from erlen import alias
def count():
    kinds = [type(finder).__name__ for finder in sys.meta_path] + [hook.__name__ for hook in sys.path_hooks]
    return [*map(kinds.count, ("AliasFinder", "FolderFinder")), sys.path.count(erlen_as_flask.FOLDER)]
"""


@pytest.mark.parametrize("variable", ["0", "1"])
def test_turned_on_and_off_any_number_of_times_it_is_there_once_or_not_at_all(
    variable: str, python: Run
) -> None:
    code = f"""{COUNTED}
for _ in range(2):
    erlen_as_flask.start(); erlen_as_flask.start()
    alias.install(); alias.install()
    import flask
    print(count(), flask.__name__)
    alias.uninstall(); alias.uninstall()
    print(count(), alias.is_installed(), erlen_as_flask.StartFinder in sys.meta_path)
import flask
print(flask.__name__)
"""
    turn = ["[1, 1, 1] erlen", "[0, 0, 0] False False"]
    assert python("-c", code, ERLEN_AS_FLASK=variable).stdout.splitlines() == [*turn, *turn, "flask"]


AGAIN = {
    "reloaded": "import importlib; alias = importlib.reload(alias)",
    "dropped and imported anew": """
for name in [name for name in sys.modules if name.partition(".")[0] in ("flask", "erlen")]:
    del sys.modules[name]
from erlen import alias
""",
}


@pytest.mark.parametrize("how", AGAIN)
def test_finders_of_an_earlier_import_give_way_to_those_of_a_later_one(how: str, python: Run) -> None:
    code = f"""{COUNTED}
alias.install()
import flask
{AGAIN[how]}
alias.install()
import flask, flask.views, flask.testing
import erlen
print(count(), flask is erlen, flask.views.View.__module__, flask.testing.__name__)
app = flask.Flask("app")
app.add_url_rule("/", "hello", lambda: "hello")
print(app.test_client().get("/").text)
alias.uninstall()
print(count())
"""
    done = python("-c", code)
    assert done.stdout.splitlines() == [
        "[1, 1, 1] True erlen.views erlen.testing",
        "hello",
        "[0, 0, 0]",
    ], done.stderr


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
code = '''
import flask
app = flask.Flask("app")
app.add_url_rule("/", "hello", lambda: type(app.json).__module__)
print(app.test_client().get("/").text, flush=True)
'''
for _ in range(2):
    error = interpreters.run_string(interpreters.create(LEGACY), code)
    assert error is None, error
exec(code)
"""


@pytest.mark.parametrize(("variable", "framework"), [("0", "flask"), ("1", "erlen")])
def test_each_interpreter_of_a_process_has_the_alias(variable: str, framework: str, python: Run) -> None:
    # MarkupSafe's compiled part can only be loaded by interpreters that share the main one's lock.
    kind = (
        '"legacy"' if sys.version_info >= (3, 13) else "isolated=False" if sys.version_info >= (3, 10) else ""
    )
    done = python("-W", "default", "-c", SUBINTERPRETER.replace("LEGACY", kind), ERLEN_AS_FLASK=variable)
    assert done.stdout.splitlines() == [f"{framework}.json.provider"] * 3, done.stderr


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
