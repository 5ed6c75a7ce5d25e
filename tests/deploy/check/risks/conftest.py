"""What the checks find in an application, which is imported in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.check.risks.cases import Case, environment, write

Found = list[tuple[str, str | None, int | None]]


class Checker:
    """A process that checks applications."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "erlen.as_flask", str(Path(__file__).with_name("checking.py"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def check(self, asked: dict[str, Any]) -> list[list[Any]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if isinstance(answer, str):
            pytest.fail(answer)
        return answer

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    running = Checker()
    yield running
    running.stop()


@contextmanager
def _open_folder() -> Iterator[Path]:
    """Make a folder that all users can go through to: pytest's own are for one user."""
    folder = Path(tempfile.mkdtemp(prefix="erlen-check-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def checked(checker: Checker) -> Callable[[Case], None]:
    """Assert that a mistake is found where it is, nothing else is, and nothing in its right neighbour."""

    def checked(case: Case) -> None:
        for right in (False, True):
            with _open_folder() as folder:
                found, expected = _check(checker, case, folder, right)
                assert found == expected

    return checked


def _check(checker: Checker, case: Case, folder: Path, right: bool) -> tuple[Found, Found]:
    """Return what is found in a case, and what has to be."""
    marks = write(case.right if right else case.wrong, folder)
    _add_to_git(folder, case.right_git if right and case.right_git is not None else case.git)
    for name, mode in (case.right_modes if right else case.modes).items():
        (folder / name).chmod(mode)
    asked = {
        "folder": str(folder),
        "environ": environment(case, right),
        "user": case.right_user if right and case.right_user else case.user,
        "workers": case.right_workers if right and case.right_workers else case.workers,
        "behind_proxy": case.behind_proxy,
    }
    found = [(kind, file, line) for kind, file, line, _, _ in checker.check(asked)]
    places = case.places if case.places is not None else (tuple(marks) or ((None, None),))
    return found, [] if right else [(case.kind, *place) for place in places]


def _add_to_git(folder: Path, how: str) -> None:
    if how:
        subprocess.run(["git", "init", "-q", folder], check=True, timeout=60)
    if how == "add":
        subprocess.run(["git", "-C", folder, "add", "."], check=True, timeout=60)
