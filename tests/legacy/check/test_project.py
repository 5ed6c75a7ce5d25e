"""The modules of an application and their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from erlen import project_files
from erlen.legacy.check import files
from erlen.legacy.check.project import Project, parse

from .conftest import write


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write(
        tmp_path,
        {
            "src/shop/__init__.py": "a = 1",
            "src/shop/views.py": "b = 1",
            "plain/tools.py": "c = 1",
            "tests/flask/__init__.py": "d = 1",
            "run.py": "",
        },
    )
    modules = [parse(files.read(path)) for path in project_files.python_files(tmp_path)]
    return Project(tmp_path, modules, frozenset(("flask",)))


@pytest.mark.parametrize(
    ("name", "module", "behind"),
    [
        ("shop.a", "shop", ""),
        ("shop.views.b.c.d", "shop.views", "c.d"),
        ("plain.tools.c", "tools", ""),
        ("tools.c", "tools", ""),
        ("src.shop.views.b", "shop.views", ""),
    ],
)
def test_dotted_names_lead_to_modules(project: Project, name: str, module: str, behind: str) -> None:
    found = project.find(name)
    assert found is not None
    assert (found[0].name, len(found[1]), found[2]) == (module, 1, behind)


@pytest.mark.parametrize("name", ["flask.d", "other.a", "", "s"])
def test_other_names_lead_nowhere(project: Project, name: str) -> None:
    assert project.find(name) is None


@pytest.mark.parametrize(
    ("code", "knows"),
    [
        ("import flask", True),
        ("from erlen import g", True),
        ("from flask_login import x", True),
        ("import flasky", False),
        ("from .flask import x", False),
    ],
)
def test_a_module_knows_flask_if_it_imports_it(code: str, knows: bool) -> None:
    assert parse(files.Source(Path("/nowhere/a.py"), code.encode())).knows_flask is knows
