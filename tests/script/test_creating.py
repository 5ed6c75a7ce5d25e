from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from erlen.script.creating import create, same_before
from erlen.script.errors import ScriptError

from .conftest import Project

DAY = date(2024, 6, 10)


def test_a_temporary_script_is_the_developers_and_has_the_date(project: Project) -> None:
    made = create(project.folder, "export_orders", lasting=False, day=DAY)
    assert made.path == project.folder / "zhangsan/ts_2024_06_10_export_orders.py"
    assert made.summary() == "Export orders."
    assert made.test.is_file()


def test_a_lasting_script_has_no_date(project: Project) -> None:
    made = create(project.folder, "clear_cache", lasting=True)
    assert made.path == project.folder / "recycle/clear_cache.py"


def test_no_package_is_made(project: Project) -> None:
    create(project.folder, "clear_cache", lasting=True)
    assert list(project.root.rglob("__init__.py")) == []


@pytest.mark.slow
def test_what_is_made_passes_its_own_test_and_runs_to_a_hint(project: Project) -> None:
    create(project.folder, "clear_cache", lasting=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    result = project.type("run", "clear_cache")
    assert result.exit_code == 1
    log = project.kept / "recycle.clear_cache.log"
    assert "Write what the script does." in log.read_text()


def test_a_name_is_given_once(project: Project) -> None:
    made = create(project.folder, "clear_cache", lasting=True)
    made.path.write_text("mine")
    with pytest.raises(ScriptError, match=r"There is a script of this name: .*clear_cache\.py"):
        create(project.folder, "clear_cache", lasting=True, anyway=True)
    assert made.path.read_text() == "mine"


@pytest.mark.parametrize("lasting", [True, False])
def test_a_name_that_comes_near_is_refused_unless_it_is_meant(project: Project, lasting: bool) -> None:
    project.write("recycle/export_order_data", "")
    with pytest.raises(ScriptError, match=r"comes near to 'export_order_data' .*Extend that one.*--anyway"):
        create(project.folder, "export_order_data_6573", lasting=lasting)
    assert create(project.folder, "export_order_data_6573", lasting=lasting, anyway=True).path.exists()


def test_a_temporary_script_for_the_same_is_pointed_to(project: Project) -> None:
    before = create(project.folder, "export_orders", lasting=False, day=DAY)
    assert same_before(create(project.folder, "export_orders", lasting=False)) == before


def test_the_tests_that_are_there_are_kept(project: Project) -> None:
    made = create(project.folder, "clear_cache", lasting=True)
    made.path.unlink()
    made.test.write_text("mine")
    create(project.folder, "clear_cache", lasting=True)
    assert made.test.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(project: Project) -> None:
    project.folder.write_text("a file")
    with pytest.raises(ScriptError, match=r"clear_cache\.py cannot be written: "):
        create(project.folder, "clear_cache", lasting=True)
