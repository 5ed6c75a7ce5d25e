"""Make ``import flask`` mean Erlen: by being imported, or by starting a program.

- ``import erlen.as_flask`` before anything imports Flask; ``pytest -p erlen.as_flask``.
- ``python -m erlen.as_flask -m gunicorn hello:app`` starts a module, ``python -m erlen.as_flask
  app.py`` a file, with the alias on in it and in the processes it starts.
- ``ERLEN_AS_FLASK=1`` in the environment turns it on in every Python process of this installation.

The ``erlen`` command does it by itself.
"""

from __future__ import annotations

import os
import sys
import typing as t

from .alias import LEGACY_VARIABLE, install, is_installed, uninstall

__all__ = ["LEGACY_VARIABLE", "install", "is_installed", "main", "uninstall"]

# The file in site-packages that Python runs at start, and the variable that it reads.
START_FILE = "erlen-as-flask.pth"
VARIABLE = "ERLEN_AS_FLASK"

_USAGE = """\
usage: python -m erlen.as_flask -m MODULE [ARGUMENT ...]
       python -m erlen.as_flask FILE [ARGUMENT ...]

Start a program in which 'import flask' means Erlen, for example

       python -m erlen.as_flask -m gunicorn hello:app
       python -m erlen.as_flask -m pytest
"""


def main(arguments: list[str]) -> None:
    """Start a module or a file with the alias on."""
    is_module = arguments[:1] == ["-m"]
    program = arguments[is_module:]
    if not program or program[0].startswith("-"):
        sys.stderr.write(_USAGE)
        raise SystemExit(2)
    import sysconfig

    # For the processes that the program starts.
    os.environ[VARIABLE] = "1"
    if os.name == "posix" and os.path.exists(os.path.join(sysconfig.get_path("purelib"), START_FILE)):
        _replace_process(arguments)
    _run_here(program, is_module)


def _replace_process(arguments: list[str]) -> t.NoReturn:
    """Replace this process by the program, so that nothing is imported before the program can patch it."""
    sys.stdout.flush()
    sys.stderr.flush()
    options = sys.orig_argv[1 : sys.orig_argv.index("-m")]
    os.execv(sys.executable, [sys.executable, *options, *arguments])


def _run_here(program: list[str], is_module: bool) -> None:
    import runpy

    install()
    sys.argv = program
    if is_module:
        runpy.run_module(program[0], run_name="__main__", alter_sys=True)
        return
    sys.path[0] = os.path.dirname(os.path.abspath(program[0]))
    runpy.run_path(program[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
else:
    install()
