"""`erlen deploy`: what it writes and says, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from click.testing import CliRunner

from erlen.cli import ScriptInfo
from erlen.deploy import command
from tests.deploy.serve.running import ERLEN, environment

SHOP = """\
from erlen import Erlen

app = Erlen(__name__)
app.config.update(MAX_CONTENT_LENGTH=1000, TRUSTED_PROXIES=["unix"])


@app.get("/")
def index():
    return "Hello!"
"""
WITH_WEBSOCKET = f"""{SHOP}

@app.websocket("/echo")
async def echo(): ...
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


class Done(t.NamedTuple):
    """What a command has said, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


def deploy(*words: str, app: str = "shop") -> Done:
    for name in ("shop", "wsgi"):
        sys.modules.pop(name, None)
    try:
        result = CliRunner().invoke(command.deploy, words, obj=ScriptInfo(app))
    finally:
        for name in ("shop", "wsgi"):
            sys.modules.pop(name, None)
    return Done(result.exit_code, result.stdout, result.stderr)


def erlen(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ERLEN, "--app", "shop", *words], env=environment(), capture_output=True, text=True, timeout=60
    )


def written(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder / "deploy")) for path in (folder / "deploy").rglob("*") if path.is_file()
    }


@pytest.mark.slow
def test_files_and_next_steps_are_said(folder: Path) -> None:
    done = erlen("deploy", "nginx", "--domain", "shop.example")
    assert (done.returncode, done.stderr) == (0, "")
    assert written(folder) == {"nginx/shop.conf", "nginx/shop-https.conf"}
    assert "wrote  deploy/nginx/shop.conf\n" in done.stdout
    assert "certbot certonly" in done.stdout
    assert "client_max_body_size 1000;" in (folder / "deploy/nginx/shop-https.conf").read_text()


def test_a_second_run_changes_nothing_and_says_so(folder: Path) -> None:
    first = deploy("gunicorn")
    before = (folder / "deploy/gunicorn.conf.py").stat()
    second = deploy("gunicorn")
    assert second.returncode == 0
    assert second.stdout == first.stdout.replace("wrote ", "same  ")
    assert (folder / "deploy/gunicorn.conf.py").stat().st_mtime_ns == before.st_mtime_ns


def test_other_options_need_force_and_a_change_of_somebody_stays(folder: Path) -> None:
    deploy("gunicorn")
    conf = folder / "deploy/gunicorn.conf.py"
    refused = deploy("gunicorn", "--workers", "3")
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert "workers = 2" in conf.read_text()
    assert deploy("gunicorn", "--workers", "3", "--force").returncode == 0
    assert "workers = 3" in conf.read_text()
    conf.write_text(f"{conf.read_text()}# mine\n")
    refused = deploy("gunicorn", "--force")
    assert refused.returncode == 1
    assert "it was changed" in refused.stderr
    assert conf.read_text().endswith("# mine\n")


def test_a_difference_is_shown_and_nothing_written(folder: Path) -> None:
    done = deploy("gunicorn", "--diff")
    assert done.returncode == 0
    assert "+workers = 2" in done.stdout
    assert not (folder / "deploy").exists()


def test_all_writes_each_target_and_says_which_the_application_is_none_for(folder: Path) -> None:
    (folder / "shop.py").write_text(WITH_WEBSOCKET)
    done = deploy("all", "--domain", "shop.example")
    assert done.returncode == 0, done.stderr
    assert {"nginx/shop.conf", "apache/shop.conf", "gunicorn.conf.py"} <= written(folder)
    assert "no uwsgi: uWSGI speaks WSGI only" in done.stdout
    assert "uwsgi.ini" not in written(folder)


def test_one_target_that_the_application_is_none_for_is_an_error(folder: Path) -> None:
    (folder / "shop.py").write_text(WITH_WEBSOCKET)
    done = deploy("uwsgi")
    assert done.returncode == 1
    assert "/echo" in done.stderr
    assert not (folder / "deploy").exists()


def test_a_target_that_does_not_exist_names_those_that_do(folder: Path) -> None:
    done = deploy("caddy\x1b")
    assert done.returncode == 2
    assert "nginx, apache, uwsgi" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "raise RuntimeError('SECRET_KEY is missing')",
            "nothing was written. RuntimeError: SECRET_KEY is missing",
        ),
        ("import nowhere_to_be_found", "nowhere_to_be_found"),
        ("x = 1", "shop"),
        ("def (", "SyntaxError"),
    ],
    ids=["raises", "imports", "has-none", "is-no-python"],
)
def test_an_application_that_does_not_load_writes_nothing(folder: Path, text: str, said: str) -> None:
    (folder / "shop.py").write_text(text)
    done = deploy("gunicorn")
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert not (folder / "deploy").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nginx",), "--domain"),
        (("nginx", "--domain", "a b;c"), "shop.example"),
        (("nginx", "--domain", "a.example", "--prefix", "/a{b"), "/shop"),
        (("nginx", "--domain", "a.example", "--media", "/m/", "/srv/$x"), "nginx cannot hold"),
        (("gunicorn", "--user", "a\nb"), "--user"),
        (("gunicorn", "--folder", "here"), "--folder"),
    ],
)
def test_what_no_file_can_hold_is_said_in_one_line_and_nothing_written(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    done = deploy(*words)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert said in line
    assert not (folder / "deploy").exists()


def test_the_folder_may_be_anywhere_and_one_that_is_a_file_stays(folder: Path) -> None:
    (folder / "taken").write_text("mine")
    done = deploy("gunicorn", "--out", "taken")
    assert done.returncode == 2
    done = deploy("gunicorn", "--out", "taken/below")
    assert done.returncode == 1
    assert "--out" in done.stderr
    assert (folder / "taken").read_text() == "mine"
    assert deploy("gunicorn", "--out", "my files/a").returncode == 0
    assert (folder / "my files/a/gunicorn.conf.py").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_an_error_that_says_what_to_do(folder: Path) -> None:
    (folder / "locked").mkdir(mode=0o500)
    done = deploy("gunicorn", "--out", "locked")
    assert done.returncode == 1
    assert "as a user who may" in done.stderr


def test_the_server_of_a_target_need_not_be_named(folder: Path) -> None:
    assert deploy("uwsgi").returncode == 0
    assert "socket = /run/shop/shop.sock" in (folder / "deploy/uwsgi.ini").read_text()


def test_a_wsgi_file_that_is_not_what_was_read_is_named(folder: Path) -> None:
    (folder / "wsgi.py").write_text("from shop import app\n")
    assert "Is wsgi.py what serves?" in deploy("gunicorn").stdout
    assert "Is wsgi.py what serves?" not in deploy("gunicorn", "--force", app="wsgi").stdout


def test_an_environment_file_with_nul_writes_nothing(folder: Path) -> None:
    (folder / ".env").write_bytes(b"SECRET=a\0b\n")
    done = erlen("deploy", "gunicorn")
    assert done.returncode != 0
    assert done.stderr
    assert not (folder / "deploy").exists()
