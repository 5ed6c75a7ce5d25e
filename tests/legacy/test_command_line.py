"""What `flask.cli` had, and `erlen --legacy`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

import erlen
from erlen import Flask, cli
from erlen.cli import FlaskGroup, ScriptInfo


@pytest.mark.usefixtures("of_1_1")
@pytest.mark.parametrize(
    "make",
    [
        lambda app, seen: lambda: app,
        lambda app, seen: lambda info: seen.append(info) or app,
        lambda app, seen: lambda script_info: seen.append(script_info) or app,
        lambda app, seen: lambda *, script_info: seen.append(script_info) or app,
    ],
)
def test_a_factory_may_ask_for_the_script_info(make: Any) -> None:
    app, seen = Flask(__name__), []
    app.cli.command("tell")(lambda: print(erlen.current_app.name))
    factory = make(app, seen)
    result = CliRunner().invoke(FlaskGroup(create_app=factory), ["tell"])
    assert (result.exit_code, result.output) == (0, f"{__name__}\n")
    info = ScriptInfo(create_app=factory)
    assert info.load_app() is app
    assert seen[1:] in ([], [info])


@pytest.mark.usefixtures("of_1_1")
def test_functions_take_the_script_info_first() -> None:
    class Module:
        __name__ = "module"
        app = Flask("found")

        @staticmethod
        def create_app(script_info: Any, name: str = "made") -> Flask:
            assert script_info is info
            return Flask(name)

    module, info, current = Module(), ScriptInfo(), cli
    finders: Any = current
    assert finders.find_best_app(info, module) is Module.app
    assert finders.find_best_app(module) is Module.app
    assert finders.find_best_app(script_info=info, module=module) is Module.app
    assert finders.find_app_by_string(info, module, "create_app(name='called')").name == "called"
    assert finders.call_factory(info, lambda name: name, ("x",)) == "x"


@pytest.mark.usefixtures("of_1_1")
@pytest.mark.parametrize("eager", [True, False])
def test_an_application_that_loads_itself(eager: bool) -> None:
    app, loaded = Flask(__name__), []
    app.add_url_rule("/", "view", lambda: "loaded")
    names: Any = cli
    dispatching = names.DispatchingApp(lambda: loaded.append(1) or app, use_eager_loading=eager)
    assert len(loaded) == eager
    assert [Client(dispatching).get("/").text for _ in range(2)] == ["loaded", "loaded"]
    assert len(loaded) == 1


@pytest.fixture
def erlen_command(tmp_path: Path) -> Any:
    (tmp_path / "app.py").write_text(
        "from flask import Flask, _request_ctx_stack\n"
        "app = Flask(__name__)\n"
        "@app.cli.command('tell')\n"
        "def tell():\n"
        "    import os\n"
        "    from erlen import legacy\n"
        "    print(legacy.current_level(), os.environ.get('ERLEN_LEGACY'))\n"
    )
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK", "ERLEN"))}

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "erlen", *arguments],
            cwd=tmp_path,
            env=outside | env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "env", "shown"),
    [
        (["--legacy", "tell"], {}, "1.1 1.1"),
        (["--app", "app", "--legacy", "tell"], {}, "1.1 1.1"),
        (["--legacy", "tell"], {"ERLEN_LEGACY": "0"}, "1.1 1.1"),
        (["--legacy", "tell"], {"ERLEN_LEGACY": "2.2"}, "2.2 2.2"),
        (["tell"], {"ERLEN_LEGACY": "1"}, "1.1 1"),
        (["--legacy", "tell"], {"FLASK_LEGACY_LAYER": "no", "ERLEN_LEGACY_LAYER": "no"}, "1.1 1.1"),
    ],
)
def test_the_command_turns_it_on(
    erlen_command: Any, arguments: list[str], env: dict[str, str], shown: str
) -> None:
    done = erlen_command(*arguments, **env)
    assert (done.stdout.strip(), done.returncode) == (shown, 0), done.stderr


@pytest.mark.slow
def test_the_help_lists_the_commands_of_the_application(erlen_command: Any) -> None:
    assert "tell" in erlen_command("--legacy", "--help").stdout


def test_without_it_the_application_cannot_be_imported(erlen_command: Any) -> None:
    done = erlen_command("tell")
    assert done.returncode != 0
    assert "_request_ctx_stack" in done.stderr


def test_a_level_that_does_not_exist_is_an_error(erlen_command: Any) -> None:
    done = erlen_command("tell", ERLEN_LEGACY="9")
    assert done.returncode == 1
    assert "ValueError: There is no legacy layer '9'." in done.stderr.splitlines()[-1]
