from __future__ import annotations

import pytest
from click.testing import CliRunner

from erlen.script.importers import importers, scripts_check

from .conftest import Project


@pytest.mark.parametrize(
    "text",
    [
        "import offline_script",
        "import offline_script.recycle.a as a",
        "from offline_script.recycle import a",
        "from . import offline_script",
        "import importlib\nimportlib.import_module('offline_script.recycle.a')",
        "from werkzeug.utils import import_string\nimport_string('offline_script.recycle.a:main')",
        "def f():\n    __import__('offline_script')",
    ],
)
def test_an_import_of_a_script_is_found(project: Project, text: str) -> None:
    (project.root / "shop").mkdir()
    (project.root / "shop" / "views.py").write_text(text)
    (only,) = importers(project.root, project.folder)
    assert only.startswith("shop/views.py:")
    result = CliRunner().invoke(scripts_check)
    assert result.exit_code == 1
    assert "move what is shared into the application" in result.output


@pytest.mark.parametrize(
    "text", ["import offline", "from offline_scripts import x", "print('offline_script')", "def", "\0", ""]
)
def test_other_text_is_let_through(project: Project, text: str) -> None:
    (project.root / "views.py").write_text(text)
    assert list(importers(project.root, project.folder)) == []
    assert CliRunner().invoke(scripts_check).output == "No module imports an offline script.\n"


@pytest.mark.parametrize(
    "where",
    [
        "offline_script/recycle/a.py",
        "tests/offline_script/recycle/test_a.py",
        ".venv/lib/a.py",
        "env/lib/a.py",
        "node_modules/a.py",
    ],
)
def test_scripts_their_tests_and_environments_are_left_out(project: Project, where: str) -> None:
    path = project.root / where
    path.parent.mkdir(parents=True)
    (project.root / "env").mkdir(exist_ok=True)
    (project.root / "env" / "pyvenv.cfg").touch()
    path.write_text("import offline_script")
    assert list(importers(project.root, project.folder)) == []
