"""The guestbook runs unchanged on Flask and on Erlen."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.ports import free_port

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
GUESTBOOK = ROOT / "examples" / "guestbook"
PATIENCE = 60  # seconds that a server may take to start on a busy machine
FRAMEWORKS = ["flask", "erlen"]


def run(*command: str, cwd: Path = GUESTBOOK) -> str:
    """Run a module of this Python in the example's folder and return what it printed."""
    command = (sys.executable, "-m", *command)
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def environment() -> dict[str, str]:
    """Return the variables for a child process: nothing that chooses a framework or a configuration."""
    taken_out = ("FLASK_", "ERLEN_", "GUESTBOOK_", "SECRET_KEY", "DATABASE_URL", "PYTEST_", "WERKZEUG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(taken_out)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "application_class"),
    [((), "flask.app.Flask"), (("-p", "erlen.as_flask"), "erlen.app.Erlen")],
    ids=FRAMEWORKS,
)
def test_its_own_tests_pass(options, application_class):
    printed = run("pytest", *options, "-p", "no:cacheprovider", "--color=no")
    assert f"application class: {application_class}" in printed
    assert re.search(r"^=+ \d+ passed in ", printed, re.MULTILINE), printed


def test_no_file_of_it_mentions_erlen():
    kinds = {".py", ".html", ".toml", ".css"}
    sources = {str(path): path.read_text() for path in GUESTBOOK.rglob("*") if path.suffix in kinds}
    assert len(sources) > 15
    assert [name for name, text in sources.items() if "erlen" in text.lower()] == []


def test_the_demo_group_installs_what_it_needs():
    needs = tomllib.loads((GUESTBOOK / "pyproject.toml").read_text())["project"]["dependencies"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    serve = project["project"]["optional-dependencies"]["serve"]
    installed = project["dependency-groups"]["demo"]
    assert [*(need for need in needs if not need.startswith("flask>")), *serve] == installed


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Make a copy of the example, without anybody's database."""
    return shutil.copytree(
        GUESTBOOK, tmp_path / "guestbook", ignore=shutil.ignore_patterns("instance", "__pycache__")
    )


@pytest.fixture
def address(framework: str, copy: Path) -> Iterator[str]:
    """Serve the copy with the framework's own `run` command."""
    run(framework, "init-db", cwd=copy)
    run(framework, "forge", "--count", "3", cwd=copy)
    port = free_port()
    command = [sys.executable, "-m", framework, "run", "--no-debug", "--port", str(port)]
    with open(copy / "log.txt", "wb") as log:
        server = subprocess.Popen(command, cwd=copy, env=environment(), stdout=log, stderr=log)
        try:
            wait_for(port, server, copy / "log.txt")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    given_up = time.monotonic() + PATIENCE
    while time.monotonic() < given_up:
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"Nothing listens on port {port}: {log.read_text()}")


@pytest.mark.servers
def test_a_guest_signs_the_book_over_http(address: str):
    browser = build_opener(HTTPCookieProcessor())
    assert page_of(browser, address).count("<article") == 3

    form = {"csrf_token": token_in(page_of(browser, address)), "name": "Grace", "body": "Over the wire."}
    answer = page_of(browser, address, urlencode(form).encode())
    assert "Thank you, Grace." in answer
    assert answer.count("<article") == 4
    assert "Over the wire." in answer

    with pytest.raises(HTTPError, match="404") as missing:
        browser.open(address + "/messages/999")
    missing.value.close()


def page_of(browser: OpenerDirector, address: str, data: bytes | None = None) -> str:
    with browser.open(address + "/", data, timeout=60) as answer:
        return answer.read().decode()


def token_in(page: str) -> str:
    return re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[1]
