"""Checks one application after another, each in a process of its own: started by conftest.py, with the alias.

It reads a line of JSON for each, and answers with one: what was found, as ids with file and line.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

from erlen import environment_files
from erlen.cli import ScriptInfo
from erlen.deploy.check import risks, running
from erlen.deploy.check.examined import Target
from erlen.deploy.check.finding import Finding
from erlen.deploy.check.loading import examine


def check(folder: str, environ: dict[str, str], **target: Any) -> list[Any]:
    """Return what is found in the application of a folder."""
    os.chdir(folder)
    sys.path.insert(0, folder)
    os.environ.clear()
    # As the command line does.
    os.environ.update(environ, FLASK_RUN_FROM_CLI="true")
    environment_files.load(None, with_usual_files=True)
    if target.get("user") is not None:
        # Of this one nothing is known: it may be below a folder of root's.
        sys.prefix, sys.executable = "/usr", "/bin/sh"
    examined = examine(ScriptInfo("app"), Target(**target), for_deploy=True)
    found = running.run(risks.CHECKS, examined)
    assert all(each.what.endswith(".") and each.write and each.kind.why.endswith(".") for each in found), (
        found
    )
    return [[each.kind.id, *_place(each, Path(folder).resolve()), each.what, each.write] for each in found]


def _place(finding: Finding, folder: Path) -> tuple[str | None, int | None]:
    if finding.place is None:
        return None, None
    path, line = finding.place
    return (str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)), line


def _answer(asked: dict[str, Any]) -> object:
    try:
        return check(**asked)
    except BaseException:
        return traceback.format_exc()


def _main() -> None:
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.close(reader)
            with open(writer, "w") as file:
                json.dump(_answer(json.loads(line)), file)
            os._exit(0)
        os.close(writer)
        with open(reader) as file:
            answer = file.read()
        os.waitpid(child, 0)
        print(answer, flush=True)


if __name__ == "__main__":
    import flask_caching  # noqa: F401  # once, and not for each application
    import flask_cors  # noqa: F401
    import flask_limiter  # noqa: F401
    import flask_login  # noqa: F401
    import flask_migrate  # noqa: F401
    import flask_sqlalchemy  # noqa: F401
    import flask_wtf  # noqa: F401

    _main()
