"""Small applications answer on Erlen with the legacy layer as on Flask 1.1.4 and 2.2.5, by both protocols."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.contract import environment as environments

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
# The level, its program, and the environment with the Flask of that time.
PROGRAMS = {"1.1": ("cases.py", "flask11"), "2.2": ("cases_of_2_2.py", "flask22")}


def names_of(level: str) -> list[str]:
    """Give the names of the cases without importing the program, whose Flask is another one."""
    tree = ast.parse((HERE / PROGRAMS[level][0]).read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [
        node.name for node in functions if [ast.unparse(each) for each in node.decorator_list] == ["case"]
    ]


ALL_CASES = [(level, name) for level in PROGRAMS for name in names_of(level)]


def told_by(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stdout
    told: dict[str, Any] = json.loads(done.stdout[done.stdout.index("\n{") :])
    return told


@cache
def on_flask(level: str) -> dict[str, Any]:
    program, name = PROGRAMS[level]
    folder = environments.fresh_folder(f"legacy-{name}")
    return told_by(environments.prepare_other(name).run(HERE / program, "wsgi", cwd=folder))


@cache
def on_erlen(level: str, protocol: str) -> dict[str, Any]:
    program, name = PROGRAMS[level]
    done = subprocess.run(
        [sys.executable, HERE / program, protocol],
        cwd=environments.fresh_folder(f"legacy-{name}-{protocol}"),
        env={"ON_ERLEN": "1", "ERLEN_LEGACY": level, "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return told_by(done)


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
@pytest.mark.parametrize(("level", "name"), ALL_CASES)
def test_the_answers_are_those_of_the_time(level: str, name: str, protocol: str) -> None:
    assert on_erlen(level, protocol)[name] == on_flask(level)[name]


@pytest.mark.parametrize(("level", "name"), ALL_CASES)
def test_the_case_runs_on_flask(level: str, name: str) -> None:
    """A case that fails on both would say the same, too."""
    assert not isinstance(on_flask(level)[name], str)
