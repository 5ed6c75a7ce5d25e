"""Runs mypy and Pyright over programs, and reads which errors the programs expect, and where."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

# A file, a line, and mypy's code or Pyright's rule.
Error = tuple[str, int, str]

_EXPECTED = re.compile(r"# error(?: with (?P<whose>Erlen|Flask))?: (?P<codes>[\w -]+)$")
_ERROR_OF_MYPY = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+): error: .*\[(?P<code>[\w-]+)\]$", re.MULTILINE)


def expected(project: Path, whose: str) -> set[Error]:
    """Return the errors that a project's programs expect, with the types of Erlen or of Flask."""
    return {
        (str(path.relative_to(project)), number, code)
        for path in project.glob("*/*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := _EXPECTED.search(line)) and found["whose"] in (None, whose)
        for code in found["codes"].split()
    }


def mypy(project: Path, python: str) -> set[Error]:
    """Return the errors that mypy finds in a project, with the packages that *python* has."""
    printed = _run("mypy", "--strict", "--python-executable", python, ".", cwd=project)
    found = [(each["file"], int(each["line"]), each["code"]) for each in _ERROR_OF_MYPY.finditer(printed)]
    assert printed.count(": error: ") == len(found), printed
    return set(found)


def pyright(project: Path, python: str) -> set[Error]:
    """Return the errors and warnings that Pyright finds in a project, with the packages that *python* has."""
    printed = _run("pyright", "--pythonpath", python, "--outputjson", cwd=project)
    return {
        (
            str(Path(each["file"]).relative_to(project.resolve())),
            each["range"]["start"]["line"] + 1,
            each.get("rule", each["message"]),
        )
        for each in json.loads(printed)["generalDiagnostics"]
    }


def _run(module: str, *arguments: str, cwd: Path) -> str:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: there are errors
    return done.stdout
