"""Modules that Flask had are found by their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.alias.conftest import Run

START = "import erlen.as_flask, importlib.util, sys, warnings; erlen.as_flask.install(legacy='{}')\n"
QUIET = "warnings.simplefilter('ignore')\n"


@pytest.fixture
def shows(python: Run) -> Callable[..., str]:
    def run(code: str, level: str = "1.1", quiet: bool = True) -> str:
        done = python("-c", START.format(level) + (QUIET if quiet else "") + code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import flask._compat; print(flask._compat.text_type is str)",
        "from flask._compat import PY2; print(not PY2)",
        "from flask.scaffold import Scaffold; import flask; print(issubclass(flask.Flask, Scaffold))",
        "import flask.scaffold as s; print(s.setupmethod is s.Scaffold.get.__globals__['setupmethod'])",
        "from flask.exthook import ExtensionImporter; print(True)",
        "import flask; print(importlib.util.find_spec('flask.ext').name == 'flask.ext')",
    ],
)
def test_they_can_be_imported(code: str, shows: Callable[..., str]) -> None:
    assert shows(code) == "True"


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "from flask.ext.wtf import FlaskForm",
        "import flask.ext.wtf; FlaskForm = flask.ext.wtf.FlaskForm",
        "from flask.ext import wtf; FlaskForm = wtf.FlaskForm",
        "import flask.ext; FlaskForm = flask.ext.wtf.FlaskForm",
        "from flask.ext.wtf.form import FlaskForm",
        "import flask.ext.wtf.form as form; FlaskForm = form.FlaskForm",
    ],
)
def test_an_extension_is_its_own_package(code: str, shows: Callable[..., str]) -> None:
    assert shows(
        f"{code}\nimport flask_wtf; print(FlaskForm is flask_wtf.FlaskForm, flask_wtf.__name__)"
    ) == ("True flask_wtf")


@pytest.mark.slow
def test_a_package_below_flaskext(tmp_path: Path, shows: Callable[..., str]) -> None:
    (tmp_path / "flaskext").mkdir()
    (tmp_path / "flaskext" / "old.py").write_text("VALUE = 1")
    assert shows("from flask.ext.old import VALUE; print(VALUE)") == "1"


@pytest.mark.slow
def test_an_extension_that_is_not_installed(shows: Callable[..., str]) -> None:
    code = "try:\n import flask.ext.nothing\nexcept ModuleNotFoundError as error: print(error.name, error)"
    assert shows(code) == (
        "flask.ext.nothing No module named 'flask.ext.nothing':"
        " neither 'flask_nothing' nor 'flaskext.nothing' is installed."
    )
    code = "import flask.ext\ntry:\n flask.ext.nothing\nexcept AttributeError as error: print(error)"
    assert shows(code) == "module 'flask.ext' has no attribute 'nothing'"


@pytest.mark.slow
def test_an_import_that_an_extension_misses_is_told(tmp_path: Path, shows: Callable[..., str]) -> None:
    (tmp_path / "flask_broken.py").write_text("import missing_package")
    code = "import flask.ext\ntry:\n flask.ext.broken\nexcept ModuleNotFoundError as error: print(error.name)"
    assert shows(code) == "missing_package"


def test_each_warns_where_it_is_imported(shows: Callable[..., str]) -> None:
    code = (
        "import flask\nwith warnings.catch_warnings(record=True) as caught:\n"
        " warnings.simplefilter('always')\n"
        " import flask._compat\n import flask._compat\n from flask.ext.wtf import FlaskForm\n"
        "print([(w.lineno, w.filename, str(w.message).split()[0]) for w in caught])"
    )
    assert (
        shows(code, quiet=False) == "[(5, '<string>', \"'flask._compat'\"), (7, '<string>', \"'flask.ext'\")]"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "there"), [("flask.scaffold", True), ("flask._compat", False), ("flask.ext", False)]
)
def test_flask_2_2_had_one_of_them(name: str, there: bool, shows: Callable[..., str]) -> None:
    code = f"try:\n import {name}\nexcept ModuleNotFoundError: print(False)\nelse: print(True)"
    assert shows(code, level="2.2") == str(there)


@pytest.mark.slow
def test_they_are_forgotten_when_the_layer_goes(shows: Callable[..., str]) -> None:
    code = (
        "import flask.ext.wtf, flask._compat, flask\n"
        "erlen.as_flask.uninstall(); erlen.as_flask.install()\n"
        "try:\n import flask._compat\n"
        "except ModuleNotFoundError: print([name for name in sys.modules if 'flask.ext' in name])"
    )
    assert shows(code) == "[]"
