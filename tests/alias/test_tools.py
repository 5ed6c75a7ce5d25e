"""Tools that rewrite, check, watch or pack modules do with the alias what they do with the real Flask."""

from __future__ import annotations

import json
import shutil
import subprocess
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract import environment as environments
from tests.contract.environment import Environment

from .test_standard_library import pack

pytestmark = pytest.mark.contract

PROGRAMS = Path(__file__).with_name("programs")
FRAMEWORKS: dict[str, dict[str, str]] = {"flask": {}, "erlen": {"ERLEN_AS_FLASK": "1"}}
QUIET = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def tools() -> Environment:
    return environments.prepare("tools.txt", "tools")


@pytest.fixture
def run(tools: Environment, tmp_path: Path) -> Run:
    """Run Python in a copy of the programs; it must end well."""
    folder = tmp_path / "programs"
    shutil.copytree(PROGRAMS, folder, ignore=shutil.ignore_patterns("__pycache__"))

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        done = tools.run(*arguments, cwd=folder, env=QUIET | variables)
        assert done.returncode == 0, done.stdout
        return done

    return run


@pytest.fixture
def both(run: Run) -> Callable[..., list[str]]:
    """Run the same on both frameworks; give what each prints."""

    def both(*arguments: str) -> list[str]:
        return [run(*arguments, **variables).stdout for variables in FRAMEWORKS.values()]

    return both


Both = Callable[..., "list[str]"]


# pytest

TESTS = ("-m", "pytest", "-o", "python_files=*.py", "-p", "no:cacheprovider", "-q", "checks.py", "shopapp")
WAYS = {
    "flask": (TESTS, {}),
    "by the variable": (TESTS, {"ERLEN_AS_FLASK": "1"}),
    "by the plugin": ((*TESTS, "-p", "erlen.as_flask"), {}),
    "by the program": (("-m", "erlen.as_flask", *TESTS), {}),
    "under coverage": (("-m", "coverage", "run", "--branch", *TESTS), {"ERLEN_AS_FLASK": "1"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_pytest_rewrites_everything(way: str, run: Run) -> None:
    arguments, variables = WAYS[way]
    assert "3 passed" in run("-W", "error", *arguments, **variables).stdout


# coverage


def test_coverage_counts_the_same_lines_and_branches(run: Run, tmp_path: Path) -> None:
    told = []
    for variables in FRAMEWORKS.values():
        run("-m", "coverage", "run", "--branch", "--source=shopapp", "walk.py", **variables)
        run("-m", "coverage", "json", "-q", "-o", "told.json")
        (counted,) = json.loads((tmp_path / "programs" / "told.json").read_text())["files"].values()
        told.append([counted[name] for name in ("executed_lines", "executed_branches", "missing_branches")])
    on_flask, on_erlen = told
    assert on_flask[1]
    assert on_erlen == on_flask


# import hooks that check types

HOOKS = {
    "beartype of a package": "from beartype.claw import beartype_package; beartype_package('shopapp')",
    "beartype of packages": "from beartype.claw import beartype_packages; beartype_packages(['shopapp'])",
    "typeguard": "from typeguard import install_import_hook; install_import_hook('shopapp')",
}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_that_checks_types_checks_the_application(hook: str, both: Both) -> None:
    on_flask, on_erlen = both("-c", f"{HOOKS[hook]}; import walk")
    pages, error = on_flask.splitlines()
    assert pages.startswith("Hello, Ada!")
    assert error in ("BeartypeCallHintParamViolation", "TypeCheckError")
    assert on_erlen == on_flask


AND_FLASK = {
    "beartype": "from beartype.claw import beartype_packages; beartype_packages(['shopapp', 'flask'])",
    "typeguard": "from typeguard import install_import_hook; install_import_hook(['shopapp', 'flask'])",
}


@pytest.mark.parametrize("hook", AND_FLASK)
def test_a_hook_for_flask_itself_leaves_erlen_as_it_is(hook: str, run: Run) -> None:
    """The real Flask cannot be imported so: annotations of its own name what only type checkers import."""
    done = run("-c", f"{AND_FLASK[hook]}; import walk", ERLEN_AS_FLASK="1")
    assert done.stdout.startswith("Hello, Ada!")


# what watches a program

WATCHED = """
import hunter
seen = []
hunter.trace(module_startswith="shopapp", kind="call", action=lambda event: seen.append(event.function))
import walk
hunter.stop()
print(seen)
"""


def test_hunter_sees_the_same_calls(both: Both) -> None:
    on_flask, on_erlen = both("-c", WATCHED)
    assert "'create_app', 'remember', 'hello'" in on_flask
    assert on_erlen == on_flask


def test_a_program_runs_under_debugpy(both: Both) -> None:
    on_flask, on_erlen = both("-m", "debugpy", "--listen", "127.0.0.1:0", "walk.py")
    assert on_flask.startswith("Hello, Ada!")
    assert on_erlen == on_flask


@pytest.mark.parametrize("when", ["imported before", "imported while it is stopped"])
def test_sessions_and_cookies_follow_a_stopped_clock(when: str, both: Both) -> None:
    """The cookies are signed with the time, so they are the same to the last letter."""
    on_flask, on_erlen = both("frozen_times.py", when)
    assert on_flask.count("Expires=Mon, 02 Feb 2026 03:04:05 GMT") > 3
    assert "/who 200" in on_flask
    assert "nobody" in on_flask
    assert on_erlen == on_flask


# an application in one folder


@pytest.mark.timeout(300)
def test_a_frozen_application_has_erlen_in_it(run: Run, tmp_path: Path) -> None:
    """The program turns the alias on itself: a frozen one has no site-packages, and no start files."""
    run("-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", "packed.py")
    program = tmp_path / "programs" / "dist" / "packed" / "packed"

    def told(**variables: str) -> list[str]:
        done = subprocess.run([program], env=variables, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    on_flask, on_erlen = told(), told(ALIAS="1")
    assert on_flask[0] == "{'name': 'Ada', 'text': 'Hello, Ada!'} packed"
    assert on_flask[1] == "True True"
    assert on_erlen[:2] == on_flask[:2]
    assert on_flask[2:] == ["framework: flask"]
    assert on_erlen[2:] == [
        "framework: erlen",
        "by ASGI: {'name': 'Ada', 'text': 'Hello, Ada!'}",
        "modules: {'erlen'}",
    ]
    assert told(ERLEN_AS_FLASK="1") == on_flask


# an environment without Flask


@pytest.fixture(scope="module")
def bare(tools: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with Erlen's wheel and what it needs, and no Flask."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(tools.wheel) as wheel:
        wheel.extractall(packages)
    for package in ("werkzeug", "jinja2", "markupsafe", "click", "blinker", "itsdangerous"):
        pack(package, packages)
    return Environment(folder)


WITHOUT_FLASK = {
    "import": "import flask; print(flask.Flask.__module__)",
    "modules": "import flask, sys; print(sum(name.partition('.')[0] == 'flask' for name in sys.modules))",
    "find_spec": "import importlib.util; print(importlib.util.find_spec('flask') is not None)",
    "version": """
import importlib.metadata, warnings, flask
warnings.simplefilter("ignore")
try:
    print(importlib.metadata.version("flask"))
except importlib.metadata.PackageNotFoundError:
    print("not installed,", flask.__version__)
""",
    "a page": """
from flask import Flask
app = Flask("app")
app.add_url_rule("/", "hello", lambda: "hello")
print(app.test_client().get("/").text)
""",
}
THEY_PRINT = {
    "import": "erlen.app",
    "modules": "21",
    "find_spec": "True",
    "version": "not installed, 3.1.3",
    "a page": "hello",
}


@pytest.mark.parametrize("program", WITHOUT_FLASK)
def test_the_alias_needs_no_flask(program: str, bare: Environment, tmp_path: Path) -> None:
    for code, variables in (
        (WITHOUT_FLASK[program], {"ERLEN_AS_FLASK": "1"}),
        (f"import erlen.as_flask\n{WITHOUT_FLASK[program]}", {}),
    ):
        done = bare.run("-c", code, cwd=tmp_path, env=variables)
        assert done.stdout.strip() == THEY_PRINT[program]


def test_without_the_alias_and_without_flask_there_is_no_flask(bare: Environment, tmp_path: Path) -> None:
    done = bare.run("-c", "import erlen, flask", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "ModuleNotFoundError: No module named 'flask'"
    for module in ("flask", "flask.cli"):
        done = bare.run("-m", module, "--version", cwd=tmp_path, env={"ERLEN_AS_FLASK": "1"})
        assert done.returncode == 0, done.stdout
