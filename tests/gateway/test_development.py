"""`app.run()` serves with Werkzeug, where and how Flask's does."""

from __future__ import annotations

import os
import threading
import typing as t
import urllib.request
from pathlib import Path

import pytest
import werkzeug.serving

from erlen import Erlen
from tests.serve.beside import Framework, told_alike


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[list[t.Any]]:
    """What the server would have been started with."""
    calls: list[t.Any] = []

    def run_simple(host: str, port: int, app: t.Any, **options: t.Any) -> None:
        calls.append(((host, port, app.debug), options))

    monkeypatch.setattr(werkzeug.serving, "run_simple", run_simple)
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    yield calls
    os.environ.pop("FLASK_DEBUG", None)  # from a file


@pytest.mark.parametrize("name", [None, "erlen.test", "erlen.test:8000", ":8000", "erlen.test:0"])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"host": "0.0.0.0"},
        {"port": 80},
        {"port": "8080"},
        {"port": 0},
        {"host": "::1", "port": 1},
        {"debug": True},
        {"debug": False},
        {"use_reloader": False, "threaded": False, "ssl_context": "adhoc"},
        {"debug": True, "use_debugger": False},
    ],
    ids=str,
)
def test_the_server_is_started_as_flask_starts_it(
    name: str | None,
    arguments: dict[str, t.Any],
    started: list[t.Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)

    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.config["SERVER_NAME"] = name
        app.run(**arguments)
        return started.pop()

    told_alike(story)


@pytest.mark.parametrize("by", ["variable", "file", "file not loaded", "attribute", "argument over variable"])
def test_debug_mode_is_decided_as_in_flask(
    by: str, started: list[t.Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    if by.startswith("file"):
        (tmp_path / ".env").write_text("FLASK_DEBUG=1\n")

    def story(framework: Framework) -> object:
        os.environ.pop("FLASK_DEBUG", None)
        app = framework.Flask("app")
        if "variable" in by:
            os.environ["FLASK_DEBUG"] = "1"
        if by == "attribute":
            app.debug = True
        arguments: dict[str, t.Any] = {"load_dotenv": by != "file not loaded"}
        if by == "argument over variable":
            arguments["debug"] = False
        app.run(**arguments)
        return started.pop()

    told_alike(story)


def test_inside_of_erlen_run_it_does_nothing_and_says_so(
    started: list[t.Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    Erlen("app").run()
    assert started == []
    assert "app.run()" in capsys.readouterr().out


def test_it_says_what_it_serves(started: list[t.Any], capsys: pytest.CaptureFixture[str]) -> None:
    Erlen("my_app").run(load_dotenv=False)
    assert "my_app" in capsys.readouterr().out


def test_set_up_is_open_again_when_the_server_ended(started: list[t.Any]) -> None:
    app = Erlen("app")
    app.add_url_rule("/", "view", lambda: "")
    app.test_client().get("/")
    app.run(load_dotenv=False)
    app.add_url_rule("/late", "late", lambda: "")


def test_an_application_that_cannot_be_served_is_not(started: list[t.Any]) -> None:
    app = Erlen("app")
    app.add_url_rule("/", "view", lambda: "")

    def refuse(route: t.Any, view: t.Any) -> None:
        if route.endpoint == "view":
            raise TypeError("The view 'view' is refused.")

    app.view_adapters.append(refuse)
    with pytest.raises(TypeError, match="'view' is refused"):
        app.run(load_dotenv=False)
    assert started == []


def test_the_server_answers() -> None:
    app = Erlen("app")
    app.add_url_rule("/", "view", lambda: "served")
    server = werkzeug.serving.make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=60) as answer:
            assert answer.read() == b"served"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
