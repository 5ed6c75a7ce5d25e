"""`erlen serve --server gunicorn` asks for the same things in gunicorn's words."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from erlen.deploy.serve import gunicorn_config
from erlen.deploy.serve.command import serve
from erlen.deploy.serve.errors import CERTIFICATE, NO_SERVER, USAGE, ServeError
from erlen.deploy.serve.gunicorn import command_line, missing_server, refuse_impossible, run_gunicorn
from tests.ports import free_port

PATIENCE = 30.0
SCRIPT = Path(sys.executable).with_name("erlen")


def choices(**given: Any) -> dict[str, Any]:
    """Return what the command makes of no options, and *given*."""
    context = serve.make_context("serve", [], resilient_parsing=True)
    return {**context.params, "server": "gunicorn", **given}


def words(interface: str = "wsgi", app: str | None = "hello:app", **given: Any) -> list[str]:
    return command_line(app, choices(**given), interface)


def value(command: list[str], option: str) -> str | None:
    return command[command.index(option) + 1] if option in command else None


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "WEB_CONCURRENCY", "LISTEN_PID", "LISTEN_FDS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The servers that are taken to be installed."""
    modules: set[str] = set()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in modules else None)
    return modules


def test_without_any_server_there_is_one_command_to_install_it(installed: set[str]) -> None:
    error = missing_server()
    assert error.status == NO_SERVER
    assert error.message == ("erlen serve needs granian, which is not installed: pip install 'erlen[serve]'.")


def test_gunicorn_is_offered_where_it_is_installed(installed: set[str]) -> None:
    installed.add("gunicorn")
    assert missing_server().message.endswith("--server gunicorn.")


def test_without_gunicorn_there_is_one_command_to_install_it(installed: set[str]) -> None:
    with pytest.raises(ServeError, match="pip install gunicorn") as caught:
        run_gunicorn("hello:app", choices())
    assert caught.value.status == NO_SERVER


def test_a_gunicorn_that_has_no_asgi_is_too_old(installed: set[str]) -> None:
    installed.add("gunicorn")
    with pytest.raises(ServeError, match="pip install -U gunicorn") as caught:
        run_gunicorn("hello:app", choices(interface="asgi"))
    assert caught.value.status == NO_SERVER


IMPOSSIBLE = {
    "--group": {"group": "www-data"},
    "--backpressure": {"backpressure": 5},
    "--drain": {"drain": 3.0},
    "--request-timeout": {"request_timeout": 3.0},
    "--max-lifetime": {"max_lifetime": 3.0},
    "--max-memory": {"max_memory": 3},
    "--status": {"status_address": "9100"},
    "--log-format": {"log_format": "json"},
    "--check": {"check": True},
}


@pytest.mark.parametrize("option", IMPOSSIBLE)
def test_what_gunicorn_cannot_have_is_an_error_that_names_it(option: str) -> None:
    with pytest.raises(ServeError, match=f"nothing for {option}:") as caught:
        run_gunicorn("hello:app", choices(**IMPOSSIBLE[option]))
    assert caught.value.status == USAGE


def test_all_of_them_are_named_at_once() -> None:
    given = {name: value for choice in IMPOSSIBLE.values() for name, value in choice.items()}
    with pytest.raises(ServeError) as caught:
        refuse_impossible(choices(**given))
    assert all(option in caught.value.message for option in IMPOSSIBLE)


def test_every_option_of_the_command_is_passed_on_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a new option is not forgotten here."""
    monkeypatch.setattr("erlen.deploy.serve.tls.check_certificate", lambda *pair: gunicorn_pair)
    gunicorn_pair = type("Pair", (), {"certificate": "c", "key": "k"})
    given = {
        "host": "127.0.0.9",
        "port": 4321,
        "unix": "/x",
        "mode": "600",
        "backlog": 7,
        "cert": "c",
        "key": "k",
        "root_path": "/shop",
        "workers": 9,
        "threads": 5,
        "chdir": "/y",
        "start_timeout": 11.5,
        "grace": 12.5,
        "max_requests": 100,
        "pid_file": "/z",
        "access_log": True,
    }
    unaffected = {"interface", "server", "reload"}
    refused = {name for choice in IMPOSSIBLE.values() for name in choice}
    options = {parameter.name for parameter in serve.params} - unaffected - refused - {"help"}
    assert set(given) == options
    usual = words()
    for name in given:
        with_it = {"unix": "/x", "mode": "600"} if name == "mode" else {name: given[name]}
        without = words(unix="/x") if name == "mode" else usual
        assert words(**with_it) != without, name


def test_gunicorn_is_started_by_this_interpreter_with_a_config_of_its_own() -> None:
    command = words()
    assert command[:3] == [sys.executable, "-m", "gunicorn"]
    assert value(command, "--config") == "python:erlen.deploy.serve.gunicorn_config"
    assert command[-1] == "erlen.deploy.serve.gunicorn_application:application('hello:app', '', False)"


@pytest.mark.parametrize(
    ("app", "root_path", "call"),
    [
        (None, "", "application(None, '', False)"),
        ("a'b\"c:make('x')", "/shop/", "application('a\\'b\"c:make(\\'x\\')', '/shop', False)"),
    ],
)
def test_the_application_is_a_call_that_gunicorn_reads(app: str | None, root_path: str, call: str) -> None:
    assert words(app=app, root_path=root_path)[-1].partition(":")[2] == call


def test_a_root_path_that_is_none_is_an_error() -> None:
    with pytest.raises(ServeError, match="root path"):
        words(root_path="shop?")


def test_the_interface_decides_on_the_class_of_workers() -> None:
    wsgi, asgi = words("wsgi", threads=5), words("asgi", threads=5)
    assert (value(wsgi, "--worker-class"), value(wsgi, "--threads")) == ("gthread", "5")
    assert (value(asgi, "--worker-class"), value(asgi, "--threads")) == ("asgi", None)


@pytest.mark.parametrize(
    ("given", "environ", "bind"),
    [
        ({}, {}, "127.0.0.1:5000"),
        ({"host": "0.0.0.0", "port": 80}, {}, "0.0.0.0:80"),
        ({"host": "::1", "port": 80}, {}, "[::1]:80"),
        ({"host": "[::1]", "port": 80}, {}, "[::1]:80"),
        ({}, {"PORT": "8080"}, "0.0.0.0:8080"),
        ({"unix": "/run/shop.sock"}, {}, "unix:/run/shop.sock"),
        ({}, {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}, None),
        ({}, {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, "127.0.0.1:5000"),
    ],
)
def test_the_address(
    given: dict[str, Any], environ: dict[str, str], bind: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    assert value(words(**given), "--bind") == bind


def test_the_mode_of_a_unix_socket_is_a_umask() -> None:
    assert value(words(unix="/run/shop.sock"), "--umask") == "0117"
    assert value(words(unix="/run/shop.sock", mode="666"), "--umask") == "0111"
    assert value(words(mode="666"), "--umask") is None


def test_times_are_whole_seconds_and_not_shorter() -> None:
    command = words(start_timeout=2.1, grace=0.0)
    assert (value(command, "--timeout"), value(command, "--graceful-timeout")) == ("3", "0")


def test_the_number_of_workers_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "7")
    assert value(words(), "--workers") == "7"
    assert value(words(workers=2), "--workers") == "2"


def test_workers_are_not_all_recycled_at_once() -> None:
    command = words(max_requests=1000)
    assert (value(command, "--max-requests"), value(command, "--max-requests-jitter")) == ("1000", "100")


def test_a_certificate_is_looked_at_first(tmp_path: Path) -> None:
    with pytest.raises(ServeError) as caught:
        words(cert=str(tmp_path / "missing"))
    assert caught.value.status == CERTIFICATE


def test_the_names_of_the_config_are_gunicorns() -> None:
    from gunicorn.config import KNOWN_SETTINGS

    ours = {name for name in vars(gunicorn_config) if not name.startswith("_")} - {"annotations"}
    known = {setting.name for setting in KNOWN_SETTINGS}
    assert ours - known <= {"control_socket_disable"}  # since 25.1
    assert "secure_scheme_headers" in ours


def test_paths_count_from_the_folder_where_the_command_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = words(chdir="release", pid_file="server.pid", unix="shop.sock")
    assert value(command, "--chdir") == str(tmp_path / "release")
    assert value(command, "--pid") == str(tmp_path / "server.pid")
    assert value(command, "--bind") == f"unix:{tmp_path / 'shop.sock'}"


# as a process


APPLICATION = """
from flask import Flask, jsonify, request
app = Flask(__name__)

@app.get("/")
def show():
    framework = type(app).__mro__[-2].__module__
    return jsonify(framework=framework, secure=request.is_secure, root=request.root_path)
"""
WITH_COROUTINE = (
    APPLICATION
    + """
@app.get("/coroutine")
async def coroutine():
    return "from a coroutine"
"""
)


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [SCRIPT, "serve", "--server", "gunicorn", "--workers", "1", *options],
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ask(port: int, path: str, headers: dict[str, str]) -> str:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                text: str = answer.read().decode()
            return text
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.servers
@pytest.mark.parametrize("program", [APPLICATION, WITH_COROUTINE], ids=["wsgi", "asgi"])
def test_gunicorn_serves_the_application_and_believes_no_headers(program: str, tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "app.py").write_text(program)
    port = free_port()
    options = ["--port", str(port), "--root-path", "/shop", "--access-log"]
    with serving(tmp_path, *options, "--pid-file", "server.pid", "--chdir", "release") as process:
        text = ask(port, "/shop/", {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"})
        assert '"framework":"erlen' in text
        assert '"secure":false' in text
        assert '"root":"/shop"' in text
        if program is WITH_COROUTINE:
            assert ask(port, "/shop/coroutine", {}) == "from a coroutine"
            assert "Using worker: asgi" in (tmp_path / "log").read_text()
        assert (tmp_path / "server.pid").read_text().strip() == str(process.pid)
        wait_for(lambda: "erlen.access" in (tmp_path / "log").read_text())
    assert process.returncode == 0


@pytest.mark.servers
@pytest.mark.parametrize("interface", ["auto", "wsgi"])
@pytest.mark.parametrize(
    "program",
    ["import no_such_module", f"{APPLICATION}\napp.view_adapters.append(lambda route, view: no_such_module)"],
    ids=["does not import", "has a view that an adapter refuses"],
)
def test_an_application_that_does_not_load_ends_it_with_its_status(
    program: str, interface: str, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(program)
    with serving(tmp_path, "--port", str(free_port()), "--interface", interface) as process:
        assert process.wait(PATIENCE) == 3
    log = (tmp_path / "log").read_text()
    assert "erlen serve: " in log
    assert "no_such_module" in log
