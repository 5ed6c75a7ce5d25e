"""`run`, `shell` and `routes`."""

from __future__ import annotations

import io
import signal
import ssl
import typing as t
import urllib.error
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import click
import flask
import flask.cli
import pytest
from click.testing import CliRunner, Result

import erlen.cli
from erlen import Flask, g
from erlen.cli import FlaskGroup, run_command, show_server_banner

Setup = t.Callable[[t.Any], object]


def several_routes(app: t.Any) -> None:
    app.add_url_rule("/get_post/<int:x>/<int:y>", methods=["GET", "POST"], endpoint="yyy_get_post")
    app.add_url_rule("/zzz_post", methods=["POST"], endpoint="aaa_post")
    app.add_url_rule("/a/very/long/rule/that/makes/the/column/wide", endpoint="b")


def subdomains(app: t.Any) -> None:
    app.add_url_rule("/a", subdomain="zone", endpoint="a")
    app.add_url_rule("/b", endpoint="b")


def hosts(app: t.Any) -> None:
    app.add_url_rule("/a", host="example.org", endpoint="a")
    app.add_url_rule("/b", host="<name>.example.org", endpoint="b")


APPS: list[tuple[dict[str, t.Any], Setup]] = [
    ({}, several_routes),
    ({"static_folder": None}, lambda app: None),
    ({}, subdomains),
    ({"static_folder": None, "host_matching": True}, hosts),
]


@pytest.mark.parametrize("all_methods", [[], ["--all-methods"]])
@pytest.mark.parametrize("sort", ["endpoint", "methods", "domain", "rule", "match"])
@pytest.mark.parametrize(("options", "set_up"), APPS, ids=["several", "none", "subdomains", "hosts"])
def test_routes_are_listed_as_flask_lists_them(
    runner: CliRunner, options: dict[str, t.Any], set_up: Setup, sort: str, all_methods: list[str]
) -> None:
    def listed(cli: t.Any, application: t.Any) -> str:
        app = application("listed", **options)
        set_up(app)
        info = cli.ScriptInfo(create_app=lambda: app)
        result = runner.invoke(cli.routes_command, ["--sort", sort, *all_methods], obj=info)
        assert result.exit_code == 0, result.output
        return result.output

    assert listed(erlen.cli, Flask) == listed(flask.cli, flask.Flask)


@pytest.mark.parametrize("path", ["{folder}/one:{folder}/two", "{folder}/one"])
def test_paths_are_separated_as_in_path(folder: Path, path: str) -> None:
    value = path.format(folder=folder)
    params = run_command.make_context("run", ["--extra-files", value, "--exclude-patterns", value]).params
    assert params["extra_files"] == params["exclude_patterns"] == value.split(":")


@pytest.mark.parametrize(
    ("debug", "path", "printed"),
    [
        (True, "hello", " * Serving Erlen app 'hello'\n * Debug mode: on\n"),
        (False, "hello", " * Serving Erlen app 'hello'\n * Debug mode: off\n"),
        (False, None, " * Debug mode: off\n"),
        (None, None, ""),
    ],
)
def test_the_banner_says_what_is_served(
    capsys: pytest.CaptureFixture[str], debug: bool, path: str | None, printed: str
) -> None:
    show_server_banner(debug, path)
    assert capsys.readouterr().out == printed


def test_the_banner_is_not_repeated_after_a_reload(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    show_server_banner(True, "hello")
    assert capsys.readouterr().out == ""


@pytest.fixture
def run(
    runner: CliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> t.Callable[..., tuple[Result, dict[str, t.Any]]]:
    """Run the command with a server that only writes down what it was given."""
    served: dict[str, t.Any] = {}

    def note(host: str, port: int, application: object, **options: object) -> None:
        served.update(options, host=host, port=port, application=application)

    monkeypatch.setattr("erlen.cli.run_simple", note)
    group = FlaskGroup(create_app=lambda: Flask("run"))

    def call(*arguments: str, **environ: str) -> tuple[Result, dict[str, t.Any]]:
        served.clear()
        return runner.invoke(group, list(arguments), env=environ), dict(served)

    return call


@pytest.mark.parametrize(
    ("arguments", "environ", "expected"),
    [
        (
            ["run"],
            {},
            {
                "host": "127.0.0.1",
                "port": 5000,
                "use_reloader": False,
                "use_debugger": False,
                "threaded": True,
            },
        ),
        (["--debug", "run"], {}, {"use_reloader": True, "use_debugger": True}),
        (["run", "--debug"], {}, {"use_reloader": True, "use_debugger": True}),
        (["run"], {"FLASK_DEBUG": "1"}, {"use_reloader": True, "use_debugger": True}),
        (["run", "--no-debug"], {"FLASK_DEBUG": "1"}, {"use_reloader": False}),
        (["--debug", "run", "--no-reload"], {}, {"use_reloader": False, "use_debugger": True}),
        (["--debug", "run", "--no-debugger"], {}, {"use_reloader": True, "use_debugger": False}),
        (["run", "--reload"], {}, {"use_reloader": True, "use_debugger": False}),
        (["run", "-h", "0.0.0.0", "-p", "80"], {}, {"host": "0.0.0.0", "port": 80}),
        (["run"], {"FLASK_RUN_HOST": "::1", "FLASK_RUN_PORT": "81"}, {"host": "::1", "port": 81}),
        (["run"], {"ERLEN_RUN_PORT": "82", "FLASK_RUN_PORT": "81"}, {"port": 82}),
        (["run", "--without-threads"], {}, {"threaded": False}),
        (["run", "--extra-files", "a:b"], {}, {"extra_files": ["a", "b"]}),
        (["run", "--exclude-patterns", "*.log"], {}, {"exclude_patterns": ["*.log"]}),
        (["run", "--cert", "adhoc"], {}, {"ssl_context": "adhoc"}),
        (["run", "--cert", __file__, "--key", __file__], {}, {"ssl_context": (__file__, __file__)}),
    ],
)
def test_the_options_of_run_reach_the_server(
    run: t.Any, arguments: list[str], environ: dict[str, str], expected: dict[str, t.Any]
) -> None:
    result, served = run(*arguments, **environ)
    assert result.exit_code == 0, result.output
    assert {name: served[name] for name in expected} == expected


def test_the_application_itself_is_served(run: t.Any) -> None:
    _, served = run("run")
    assert isinstance(served["application"], Flask)


def failing() -> t.NoReturn:
    raise LookupError("cannot be made")


def test_an_application_that_cannot_be_loaded_is_not_served(
    runner: CliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erlen.cli.run_simple", partial(pytest.fail, "served"))
    result = runner.invoke(FlaskGroup(create_app=failing), ["run"])
    assert isinstance(result.exception, LookupError)


def test_after_a_reload_the_error_of_a_broken_application_is_printed_and_served(
    runner: CliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[t.Any] = []
    monkeypatch.setattr("erlen.cli.run_simple", lambda host, port, app, **options: served.append(app))
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    result = runner.invoke(FlaskGroup(create_app=failing), ["run"])
    assert result.exit_code == 0
    assert "LookupError: cannot be made" in result.stderr
    with pytest.raises(LookupError, match="cannot be made"):
        served[0]({}, lambda *args: None)


def refusing() -> Flask:
    app = Flask("refusing", static_folder=None)
    app.add_url_rule("/", "index", lambda: "")

    def refuse(route: t.Any, view: t.Any) -> t.NoReturn:
        raise TypeError(f"The view {route.endpoint!r} is refused.")

    app.view_adapters.append(refuse)
    return app


def test_an_application_with_a_view_that_is_refused_is_not_served(
    runner: CliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erlen.cli.run_simple", partial(pytest.fail, "served"))
    result = runner.invoke(FlaskGroup(create_app=refusing), ["run"])
    assert isinstance(result.exception, TypeError)
    assert str(result.exception) == "The view 'index' is refused."


def test_routes_of_an_application_that_cannot_be_served_are_not_listed(runner: CliRunner) -> None:
    result = runner.invoke(FlaskGroup(create_app=refusing), ["routes"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: The application cannot be served: The view 'index' is refused.\n"


def test_what_is_no_application_of_erlens_is_served_as_it_is(
    runner: CliRunner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[t.Any] = []
    monkeypatch.setattr("erlen.cli.run_simple", lambda host, port, app, **options: served.append(app))
    assert runner.invoke(FlaskGroup(create_app=lambda: failing), ["run"]).exit_code == 0
    assert served == [failing]


APP = """\
from erlen import Flask
app = Flask("served")

@app.route("/")
def index():
    return "first"

@app.route("/error")
def error():
    1 / 0

@app.shell_context_processor
def names():
    return {"answer": 42}
"""


@pytest.mark.slow
def test_a_real_server_answers(folder: Path, serve: t.Any) -> None:
    (folder / "hello.py").write_text(APP)
    with serve("--app", "hello", "run") as server:
        assert server.get() == "first"
        assert "Serving Erlen app 'hello'" in "".join(server.printed)
        assert "Debug mode: off" in "".join(server.printed)


@pytest.mark.slow
def test_a_real_server_speaks_https_with_a_certificate_made_up_now(folder: Path, serve: t.Any) -> None:
    (folder / "app.py").write_text(APP)
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with serve("run", "--cert", "adhoc") as server:
        assert server.url.startswith("https://")
        assert server.get(context=trusting) == "first"


@pytest.mark.slow
def test_changes_are_seen_by_watchdog_where_it_is_installed(folder: Path, serve: t.Any) -> None:
    (folder / "app.py").write_text(APP)
    with serve("run", "--reload") as server:
        server.wait_for("Restarting with watchdog")


@pytest.mark.slow
def test_a_real_server_reloads_a_changed_file_and_survives_a_broken_one(folder: Path, serve: t.Any) -> None:
    # Looking at the files' times is slower than watchdog, but misses nothing on a busy machine.
    (folder / "watchdog.py").write_text("raise ImportError")
    (folder / "app.py").write_text(APP)
    with serve("--debug", "run") as server:
        server.wait_for("Debugger PIN")
        assert server.get() == "first"
        (folder / "app.py").write_text(APP.replace("first", "second, changed"))
        server.wait_for("Debugger PIN")
        assert server.get() == "second, changed"
        (folder / "app.py").write_text("import nowhere_to_be_found")
        server.wait_for("No module named 'nowhere_to_be_found'")
        server.wait_for("Debugger PIN")
        # The files are looked at for the first time after the PIN and before the first answer:
        # what changes earlier is no change.
        with pytest.raises(urllib.error.HTTPError, match="500") as broken:
            server.get()
        with broken.value as page:
            assert "nowhere_to_be_found" in page.read().decode()
        (folder / "app.py").write_text(APP.replace("first", "third"))
        server.wait_for("Debugger PIN")
        assert server.get() == "third"
        refusing = "app.view_adapters.append(lambda route, view: route.no_such_thing)"
        (folder / "app.py").write_text(APP.replace("first", "fourth") + refusing)
        server.wait_for("has no attribute 'no_such_thing'")
        server.wait_for("Debugger PIN")
        with pytest.raises(urllib.error.HTTPError, match="500"):
            server.get()
        (folder / "app.py").write_text(APP.replace("first", "fifth"))
        server.wait_for("Debugger PIN")
        assert server.get() == "fifth"


@pytest.mark.slow
def test_a_shell_has_the_application_and_its_names_at_hand(folder: Path, erlen: t.Any) -> None:
    (folder / "app.py").write_text(APP)
    (folder / "startup.py").write_text("started = 'yes'\nanswer = 'overwritten'\n")
    lines = "print(app.name, answer, started)\nfrom erlen import current_app, g\nprint(current_app.name, g)\n"
    result = erlen("shell", stdin=lines, PYTHONSTARTUP=str(folder / "startup.py"))
    assert result.returncode == 0, result.stderr
    assert "served 42 yes" in result.stdout
    assert "served <" in result.stdout
    assert "App: served" in result.stderr
    assert f"Instance: {folder / 'instance'}" in result.stderr


def test_the_shell_offers_g_of_its_own_context(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, t.Any] = {}
    monkeypatch.setattr("code.interact", lambda banner, local: seen.update(local, same=local["g"] is g))
    info = erlen.cli.ScriptInfo(create_app=lambda: Flask("shell"))
    assert runner.invoke(erlen.cli.shell_command, obj=info, catch_exceptions=False).exit_code == 0
    assert seen["app"] is info.load_app()
    assert seen["same"]


def test_help_texts_name_every_option(runner: CliRunner) -> None:
    for command in (erlen.cli.run_command, erlen.cli.routes_command):
        for option in command.params:
            assert isinstance(option, click.Option)
            assert option.help, option.name


# what the environment is told by


@pytest.mark.slow
def test_the_banner_names_the_environment_files_and_no_values(
    folder: Path, serve: t.Callable[..., t.ContextManager[t.Any]]
) -> None:
    (folder / "hello.py").write_text("from erlen import Flask\napp = Flask('hello')\n")
    (folder / ".env").write_text("FLASK_APP=hello\nTOKEN=s3cret\n")
    with serve("run") as server:
        assert " * Environment: .env (FLASK_APP, TOKEN)\n" in server.printed
        assert "s3cret" not in "".join(server.printed)


FLASK_ENV_IS_IGNORED = " * FLASK_ENV is ignored: Flask dropped it in 2.3. For debug mode set FLASK_DEBUG=1.\n"


@pytest.mark.slow
@pytest.mark.parametrize("layer", [{}, {"ERLEN_LEGACY": "0"}, {"ERLEN_LEGACY": "1"}, {"ERLEN_LEGACY": "2.2"}])
def test_flask_env_is_said_to_be_ignored_unless_the_legacy_layer_reads_it(
    folder: Path, serve: t.Callable[..., t.ContextManager[t.Any]], layer: dict[str, str]
) -> None:
    (folder / "app.py").write_text("from flask import Flask\napp = Flask('hello')\n")
    with serve("run", "--no-reload", FLASK_ENV="development", **layer) as server:
        is_read = layer.get("ERLEN_LEGACY", "0") != "0"
        assert f" * Debug mode: {'on' if is_read else 'off'}\n" in server.printed
        assert (FLASK_ENV_IS_IGNORED in server.printed) != is_read


NO_TERMINAL = (
    " * There is no terminal. For the background there is 'erlen serve': it replaces processes that die,"
    " reloads without losing a request, and is hardened.\n"
)


@pytest.mark.slow
@pytest.mark.parametrize(("debug", "says"), [("--no-debug", True), ("--debug", False)])
def test_without_a_terminal_it_names_the_command_for_the_background(
    folder: Path, serve: t.Callable[..., t.ContextManager[t.Any]], debug: str, says: bool
) -> None:
    (folder / "app.py").write_text("from flask import Flask\napp = Flask('hello')\n")
    with serve("run", debug, "--reload", "--no-debugger") as server:
        assert server.printed.count(NO_TERMINAL) == says


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("hang_up", "says"), [(signal.SIG_DFL, False), (signal.SIG_IGN, True)], ids=["terminal", "nohup"]
)
def test_nohup_is_known_by_the_ignored_signal(
    hang_up: signal.Handlers, says: bool, monkeypatch: pytest.MonkeyPatch, runner: CliRunner
) -> None:
    monkeypatch.setattr("erlen.cli.commands.sys", SimpleNamespace(stdin=Terminal(), stdout=None, stderr=None))
    monkeypatch.setattr("erlen.cli.run_simple", lambda *args, **options: None)
    before = signal.signal(signal.SIGHUP, hang_up)
    try:
        result = runner.invoke(FlaskGroup(create_app=lambda: Flask("hello")), ["run"])
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (NO_TERMINAL in result.output) == says
