"""Another interpreter gets the options of this one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from erlen.deploy.serve.interpreter import command_for, options_of


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("python script.py -x", ""),
        ("python -m erlen -W error", ""),
        ("python -c code", ""),
        ("python - -X dev", ""),
        ("python", ""),
        ("python -I -O script.py", "-I -O"),
        ("python -W error -X dev -u script.py -W ignore", "-W error -X dev -u"),
        ("python -Werror -Xdev -m erlen", "-Werror -Xdev"),
        ("python --check-hash-based-pycs never script.py", "--check-hash-based-pycs never"),
        ("python -W", "-W"),
    ],
)
def test_the_options_end_where_the_program_begins(words: str, options: str) -> None:
    assert options_of(words.split()) == options.split()


def test_a_module_is_run_by_this_interpreter() -> None:
    assert command_for("shop", "7")[0] == sys.executable
    assert command_for("shop", "7")[-3:] == ["-m", "shop", "7"]


def test_the_options_have_their_effect() -> None:
    code = "import subprocess; from erlen.deploy.serve.interpreter import command_for; "
    code += "subprocess.run(command_for('sysconfig_of_nobody'))"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-O", "-c", code], capture_output=True, text=True
    )
    # The time of imports is told by both.
    assert done.stderr.count("site\n") == 2
    assert "No module named sysconfig_of_nobody" in done.stderr
