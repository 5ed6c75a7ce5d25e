"""Small applications answer on Erlen with the legacy layer as on Flask 1.1.4, by both protocols."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract import environment as environments

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

PROGRAM = Path(__file__).with_name("cases.py")


def names_of_cases() -> list[str]:
    """Give the names without importing the program, whose Flask is another one."""
    return [
        node.name
        for node in ast.parse(PROGRAM.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and [ast.unparse(each) for each in node.decorator_list] == ["case"]
    ]


def told_by(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stdout
    told: dict[str, Any] = json.loads(done.stdout[done.stdout.index("\n{") :])
    return told


@pytest.fixture(scope="module")
def on_flask(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    old_flask = environments.prepare_other("flask11")
    return told_by(old_flask.run(PROGRAM, "wsgi", cwd=tmp_path_factory.mktemp("flask")))


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def on_erlen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, PROGRAM, request.param],
        cwd=tmp_path_factory.mktemp("erlen"),
        env={"ON_ERLEN": "1", "ERLEN_LEGACY": "1.1", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return told_by(done)


@pytest.mark.parametrize("name", names_of_cases())
def test_the_answers_are_those_of_flask_1_1(
    name: str, on_flask: dict[str, Any], on_erlen: dict[str, Any]
) -> None:
    assert on_erlen[name] == on_flask[name]


def test_the_cases_ran_on_flask(on_flask: dict[str, Any]) -> None:
    assert [name for name, told in on_flask.items() if isinstance(told, str)] == []
    assert len(on_flask) > 40
