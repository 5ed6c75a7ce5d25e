"""Programs as users write them have type errors where they are wrong, and nowhere else.

They are checked with ``from erlen import …`` and with ``from flask import …`` in a project that was set up
as docs/how-to/check-types.md says, and once more with Flask's own types.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks_of
from tests.typing.checkers import Error, expected, mypy, pyright

pytestmark = pytest.mark.slow

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
PAGE = DOCS / "how-to" / "check-types.md"
NEEDED = ("werkzeug", "jinja2", "click", "blinker", "itsdangerous", "markupsafe", "typing_extensions.py")
CHECKERS = {"mypy": mypy, "pyright": pyright}


def put(folder: Path, whose: str, left_out: str) -> None:
    """Copy the programs into *folder*, as a package, importing from *whose* package."""
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    for program in PROGRAMS:
        if not program.name.startswith(left_out):
            text = program.read_text(encoding="utf-8")
            (folder / program.name).write_text(re.sub(r"(?m)^((?:from|import) )flask\b", rf"\1{whose}", text))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that did what the page says."""
    folder = tmp_path_factory.mktemp("project")
    for block in blocks_of(PAGE):
        if block.title or block.append:
            with (folder / (block.title or block.append)).open("a") as file:
                file.write(block.text)
    command = [sys.executable, "-m", "erlen.stubs"]
    printed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    assert printed in PAGE.read_text(encoding="utf-8")
    put(folder / "with_flask", "flask", left_out="erlen_")
    put(folder / "with_erlen", "erlen", left_out="alias_")
    return folder


@pytest.fixture(scope="module")
def without_flask(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the Python of an environment that has Erlen and what it needs, but no Flask."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for name in NEEDED:
        (packages / name).symlink_to(Path(sysconfig.get_path("purelib")) / name)
    (packages / "erlen.pth").write_text(str(DOCS.parent / "src"))
    return str(folder / "bin" / "python")


def only_of(checker: str, errors: set[Error]) -> set[Error]:
    """Leave out the errors that the other checker reports: Pyright's rules begin with ``report``."""
    return {error for error in errors if error[2].startswith("report") == (checker == "pyright")}


@pytest.mark.parametrize("checker", CHECKERS)
def test_errors_are_where_they_are_expected(checker: str, project: Path) -> None:
    wanted = only_of(checker, expected(project, "Erlen"))
    assert len(wanted) > 100
    assert CHECKERS[checker](project, sys.executable) == wanted


@pytest.mark.parametrize("checker", CHECKERS)
def test_they_are_the_same_where_flask_is_not_installed(
    checker: str, project: Path, without_flask: str
) -> None:
    assert CHECKERS[checker](project, without_flask) == only_of(checker, expected(project, "Erlen"))


@pytest.mark.parametrize("checker", CHECKERS)
def test_flasks_own_types_have_the_errors_that_are_said_to_be_flasks(checker: str, tmp_path: Path) -> None:
    put(tmp_path / "with_flask", "flask", left_out="erlen_")
    wanted = only_of(checker, expected(tmp_path, "Flask"))
    assert CHECKERS[checker](tmp_path, sys.executable) == wanted
