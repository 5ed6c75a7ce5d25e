"""The Procfile says what is served and what runs before, and a tool that reads it gets the same words."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings

from erlen.deploy.targets import heroku
from erlen.deploy.targets.project import Project
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import SERVERS, Server, Site
from tests.amounts import part_of
from tests.ports import free_port

from .hostile import program, texts
from .sites import site

PATIENCE = 60
APPLICATION = """
import os
from flask import Flask

def create_app(name):
    app = Flask(name)
    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
    app.add_url_rule("/", view_func=lambda: f"Hello from {name}!")
    return app
"""


def procfile(each: Site) -> dict[str, str]:
    """Return the commands of the Procfile by the names of their processes."""
    (text,) = (file.text for file in heroku.files(each) if file.path == "Procfile")
    return dict(line.split(": ", 1) for line in text.removesuffix("\n").split("\n"))


def test_it_serves_on_the_port_of_the_platform_and_ends_before_it_is_killed() -> None:
    assert procfile(site()) == {"web": "erlen --no-debug --app wsgi:app serve --interface wsgi --grace 25"}


@pytest.mark.parametrize("server", [each for each in SERVERS if each not in ("erlen", "gunicorn", "uwsgi")])
def test_other_servers_are_told_the_port(server: Server) -> None:
    web = procfile(site(server=server))["web"]
    assert web.startswith("ERLEN_AS_FLASK=1 ")
    assert '"$PORT"' in web or '"0.0.0.0:$PORT"' in web
    assert ".sock" not in web


def test_variables_and_migrations_come_before_the_new_version() -> None:
    each = site(has_migrations=True, project=Project(variables=("SECRET_KEY",)))
    check, upgrade = procfile(each)["release"].split(" && ")
    assert check == "erlen --no-debug --app wsgi:app env --check .env.example"
    assert upgrade == "erlen --no-debug --app wsgi:app db upgrade"


def test_the_version_of_python_is_a_file() -> None:
    files = {file.path: file for file in heroku.files(site(python="3.12"))}
    assert files[".python-version"].text == "3.12\n"


@pytest.mark.parametrize("has_requirements", [True, False])
def test_a_missing_list_of_requirements_is_said(has_requirements: bool) -> None:
    steps = " ".join(next(heroku.files(site(project=Project(has_requirements=has_requirements)))).apply)
    assert ("requirements.txt is missing" in steps) == (not has_requirements)


@settings(max_examples=part_of(200))
@given(texts)
def test_odd_names_are_the_same_or_refused(name: str) -> None:
    each = site(application=f"wsgi:{name}", has_migrations=True)
    try:
        said = procfile(each)
    except Unquotable:
        assert set("\0\n\r\x85\u2028\ud800").intersection(name)
        return
    assert shlex.split(said["web"])[3] == f"wsgi:{name}"
    assert shlex.split(said["release"])[3] == f"wsgi:{name}"


@pytest.mark.slow
@pytest.mark.servers
@pytest.mark.parametrize("server", ["erlen", "waitress", "gunicorn"])
def test_honcho_runs_it(server: Server, tmp_path: Path) -> None:
    """A name with what shells read, a `.flaskenv` that asks for debug mode, and the port of the platform."""
    program("honcho", "pip install honcho")
    erlen = Path(sys.executable).with_name("erlen")
    name = "it's $HOME"
    (tmp_path / "shop.py").write_text(
        APPLICATION if server == "erlen" else f"{APPLICATION}\napp = create_app({name!r})\n"
    )
    (tmp_path / ".flaskenv").write_text("FLASK_DEBUG=1\n")
    (tmp_path / ".env.example").write_text("SECRET_KEY=\n")
    app = f"shop:create_app({name!r})" if server == "erlen" else "shop:app"
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("FLASK_", "ERLEN_", "SECRET"))}
    variables |= {"PATH": f"{erlen.parent}:{os.environ['PATH']}", "PORT": str(free_port())}
    variables |= {"WEB_CONCURRENCY": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    with_secret = {**variables, "SECRET_KEY": "0123456789"}
    command = [erlen, "--app", app, "deploy", "heroku", "--out", ".", "--server", server]
    subprocess.run(command, cwd=tmp_path, env=with_secret, check=True, timeout=PATIENCE)

    release = ["honcho", "run", "bash", "-c", "eval \"$(sed -n 's/^release: //p' Procfile)\""]
    assert subprocess.run(release, cwd=tmp_path, env=variables, timeout=PATIENCE).returncode == 1
    assert subprocess.run(release, cwd=tmp_path, env=with_secret, timeout=PATIENCE).returncode == 0
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            ["honcho", "start", "web"],
            cwd=tmp_path,
            env=with_secret,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        assert answer(with_secret["PORT"], process, tmp_path / "log") == f"Hello from {name}!"
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
    if server == "erlen":
        assert "0 requests were cut off" in (tmp_path / "log").read_text()


def answer(port: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the first page, once the server listens."""
    given_up = time.monotonic() + PATIENCE
    while time.monotonic() < given_up and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as found:
            text: str = found.read().decode()
            return text
        time.sleep(0.1)
    raise AssertionError(log.read_text())
