"""Three ways to start a program in which `flask` means Erlen, with the real Flask installed beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run

WHO = "import flask; print(flask.Flask.__module__)"
# The plugins of this environment take pytest seconds to load.
WITHOUT_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WHO!r}], check=True)"


@pytest.mark.slow
def test_without_being_asked_nothing_changes(python: Run) -> None:
    assert python("-c", WHO).stdout == "flask.app\n"


@pytest.mark.slow
@pytest.mark.parametrize("value", ["", "0"])
def test_the_variable_switched_off_changes_nothing(value: str, python: Run) -> None:
    assert python("-c", WHO, ERLEN_AS_FLASK=value).stdout == "flask.app\n"


def test_the_variable_is_enough(python: Run) -> None:
    done = python("-c", WHO, ERLEN_AS_FLASK="1")
    assert (done.stdout, done.stderr) == ("erlen.app\n", "")


@pytest.mark.slow
def test_the_variable_reaches_the_children_of_a_process(python: Run) -> None:
    assert python("-c", CHILD, ERLEN_AS_FLASK="1").stdout == "erlen.app\n"


def test_the_variable_alone_imports_nothing_of_erlen(python: Run) -> None:
    code = "import sys; print([name for name in sys.modules if name.partition('.')[0] == 'erlen'])"
    assert python("-c", code, ERLEN_AS_FLASK="1").stdout == "[]\n"


def test_a_started_module_finds_nothing_imported_that_it_may_want_to_patch(
    python: Run, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(
        "import sys\nprint([name for name in ('erlen', 'ssl', 'threading') if name in sys.modules])\n"
    )
    assert python("-m", "erlen.as_flask", "-m", "program").stdout == "[]\n"


def test_a_module_is_started_with_its_arguments(python: Run, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(f"{WHO}\nimport sys; print(sys.argv[1:], __name__)\n")
    done = python("-m", "erlen.as_flask", "-m", "program", "--port", "1", "-m", "x")
    assert done.stdout == "erlen.app\n['--port', '1', '-m', 'x'] __main__\n", done.stderr


@pytest.mark.slow
def test_a_file_is_started_as_python_would(python: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "beside.py").write_text("here = True\n")
    program = tmp_path / "folder" / "program.py"
    program.write_text(f"import beside\n{WHO}\nimport sys; print(sys.argv, __name__, __file__)\n")
    done = python("-m", "erlen.as_flask", "folder/program.py", "a")
    assert done.returncode == 0, done.stderr
    who, rest = done.stdout.splitlines()
    assert who == "erlen.app"
    assert rest.startswith("['folder/program.py', 'a'] __main__ ")
    assert rest.endswith("folder/program.py")


@pytest.mark.slow
def test_a_started_module_has_children_with_the_alias(python: Run, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(f"{CHILD}\n")
    assert python("-m", "erlen.as_flask", "-m", "program").stdout == "erlen.app\n"


def test_the_exit_status_of_a_started_module_is_its_own(python: Run, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("raise SystemExit(7)\n")
    assert python("-m", "erlen.as_flask", "-m", "program").returncode == 7


def test_a_traceback_of_a_started_module_is_shown(python: Run, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import no_such_module_at_all\n")
    done = python("-m", "erlen.as_flask", "-m", "program")
    assert done.returncode == 1
    assert "no_such_module_at_all" in done.stderr


def test_a_module_that_does_not_exist_is_named(python: Run) -> None:
    done = python("-m", "erlen.as_flask", "-m", "nowhere_to_be_found")
    assert done.returncode != 0
    assert "nowhere_to_be_found" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["-m"], ["--help"]])
def test_without_a_program_the_usage_is_shown(arguments: list[str], python: Run) -> None:
    done = python("-m", "erlen.as_flask", *arguments)
    assert "usage: python -m erlen.as_flask -m MODULE" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_pytest_runs_with_the_plugin(python: Run, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import flask\n\n\ndef test_it():\n    assert flask.Flask.__module__ == 'erlen.app'\n"
    )
    arguments = ("-m", "pytest", "-p", "erlen.as_flask", "-q", "-p", "no:cacheprovider", "test_it.py")
    done = python(*arguments, **WITHOUT_PLUGINS)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_pytest_runs_through_the_program_too(python: Run, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import flask\n\n\ndef test_it():\n    assert flask.Flask.__module__ == 'erlen.app'\n"
    )
    arguments = ("-m", "erlen.as_flask", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py")
    done = python(*arguments, **WITHOUT_PLUGINS)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
def test_flask_as_a_program_is_erlens_command(python: Run, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\n"
        "@app.cli.command()\ndef who():\n    print(Flask.__module__)\n"
    )
    assert python("-m", "flask", "who", ERLEN_AS_FLASK="1").stdout == "erlen.app\n"
    assert python("-m", "erlen", "who").stdout == "erlen.app\n"


@pytest.mark.slow
def test_gunicorns_check_loads_the_application(python: Run, tmp_path: Path) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "hello.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\nassert Flask.__module__ == 'erlen.app', Flask\n"
    )
    done = python("-W", "default", "-m", "erlen.as_flask", "-m", "gunicorn", "--check-config", "hello:app")
    assert done.returncode == 0, done.stderr
