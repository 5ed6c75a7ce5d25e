"""Tools make environments from Erlen's wheel, as the page says, and run its Procfile.

About 100 seconds with 2 CPUs that others use too, and 25 more the first time; 30 of them are computing.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, Block, blocks_of
from tests.ports import free_port

from . import environment as environments
from .environment import Environment

pytestmark = [pytest.mark.slow, pytest.mark.contract]

PATIENCE = 240
PAGE = DOCS / "how-to" / "make-an-environment.md"
HEROKU = DOCS / "how-to" / "on-heroku.md"
VERSION = re.compile(r"Erlen \S+ \(API of Flask 3\.1\.3\)")


@pytest.fixture(scope="module")
def tools() -> Environment:
    """Return an environment with the tools, and with Erlen's wheel."""
    return environments.prepare("environments.txt", "venv-environments")


def commands_below(heading: str) -> str:
    """Return what the page types below a heading."""
    text = PAGE.read_text()
    first = text[: text.index(f"\n## {heading}\n")].count("\n")
    following = text.find("\n## ", text.index(f"\n## {heading}\n") + 1)
    last = text[:following].count("\n")
    blocks: list[Block] = [each for each in blocks_of(PAGE) if first < each.line <= last]
    return "".join(each.text for each in blocks if each.language == "sh")


def environ_of(tools: Environment, folder: Path) -> dict[str, str]:
    """Return the environment of a terminal in which no environment is active."""
    variables = tools.variables({"HOME": str(folder), "TERM": "dumb"})
    del variables["VIRTUAL_ENV"]  # pipenv and uv would install into it
    return variables


def typed(script: str, tools: Environment, folder: Path) -> str:
    # What the page installs from PyPI is the wheel of this checkout.
    script = re.sub(r"(?<=install )erlen$", str(tools.wheel), script, flags=re.MULTILINE)
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=folder,
        env=environ_of(tools, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}"
    return done.stdout


@pytest.mark.parametrize(
    ("heading", "made"),
    [
        ("venv and pip", ".venv"),
        ("uv", ".venv"),
        ("pipenv", ".venv"),
        ("virtualenv", ".venv"),
        ("virtualenvwrapper", ".virtualenvs/hello"),
    ],
)
def test_the_page_makes_an_environment_in_which_erlen_runs(
    heading: str, made: str, tools: Environment
) -> None:
    folder = environments.fresh_folder(f"environment-{heading.replace(' ', '-')}")
    script = commands_below(heading)
    assert "erlen --version" in script
    try:
        assert VERSION.search(typed(script, tools, folder))
        assert (folder / made / "bin" / "erlen").exists()
        if heading == "pipenv":
            (folder / ".env").write_text("GREETING=from the file\n")
            assert "from the file" in typed("pipenv run printenv GREETING", tools, folder)
            assert (
                typed("PIPENV_DONT_LOAD_ENV=1 pipenv run printenv GREETING || true", tools, folder).count(
                    "from the file"
                )
                == 0
            )
    finally:
        shutil.rmtree(folder)


def test_the_procfile_of_the_page_is_run_by_honcho(tools: Environment) -> None:
    """honcho starts `web` with the port and what is in `.env`; the release phase looks at the variables."""
    folder = environments.fresh_folder("procfile")
    for block in blocks_of(HEROKU):
        if block.title:
            (folder / block.title).write_text(block.text)
    # The environment with the servers has `erlen serve`; honcho is in the other one.
    erlen = Path(sys.executable).parent
    port = free_port()
    variables = environ_of(tools, folder)
    variables |= {"PATH": f"{erlen}:{variables['PATH']}", "PORT": str(port), "WEB_CONCURRENCY": "1"}
    honcho = str(tools.script("honcho"))

    def release() -> subprocess.CompletedProcess[str]:
        command = [honcho, "run", "bash", "-c", "$(sed -n 's/^release: //p' Procfile)"]
        return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=60)

    assert release().returncode == 1
    subprocess.run([erlen / "erlen", "secret", "--write"], cwd=folder, env=variables, check=True, timeout=60)
    assert release().returncode == 0
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [honcho, "start", "web"],
            cwd=folder,
            env=variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        assert answer(port, process, folder / "log") == "Hello!"
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        assert "Stopped; 0 requests were cut off." in (folder / "log").read_text()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def answer(port: int, process: subprocess.Popen[bytes], log: Path) -> str:
    given_up = time.monotonic() + PATIENCE
    while time.monotonic() < given_up and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as found:
            text: str = found.read().decode()
            return text
        time.sleep(0.1)
    raise AssertionError(log.read_text())
