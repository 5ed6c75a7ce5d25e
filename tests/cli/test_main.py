"""`python -m erlen` and the `erlen` script, as processes of their own."""

from __future__ import annotations

import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

# The application says `flask`, as those that exist do.
FLASK_APP = """\
import click
from flask import Flask
import flask.cli

def create_app(name="made"):
    app = Flask(name)

    @app.cli.command("tell")
    @click.argument("word")
    @flask.cli.with_appcontext
    def tell(word):
        click.echo(f"{word} {flask.current_app.name} {Flask.__module__.partition('.')[0]}")

    return app
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [[], ["--app", "wsgi"], ["--app", "wsgi:create_app"], ["--app", "wsgi.py:create_app('made')"]],
)
def test_a_file_that_says_flask_gets_erlen(folder: Path, erlen: t.Any, arguments: list[str]) -> None:
    (folder / "wsgi.py").write_text(FLASK_APP)
    result = erlen(*arguments, "tell", "hello")
    assert (result.stdout, result.stderr) == ("hello made erlen\n", "")


def test_the_script_is_the_same_command_line(folder: Path) -> None:
    (folder / "wsgi.py").write_text(FLASK_APP)
    script = Path(sys.executable).with_name("erlen")
    result = subprocess.run(
        [script, "tell", "hi"], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.stdout, result.stderr) == ("hi made erlen\n", "")


SPAWNING = """\
import multiprocessing
from flask import Flask

app = Flask(__name__)

def tell(queue):
    queue.put(Flask.__module__.partition(".")[0])

@app.cli.command("spawn")
def spawn():
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=tell, args=(queue,))
    process.start()
    print(queue.get(timeout=30))
    process.join()
"""


@pytest.mark.slow
@pytest.mark.parametrize("command", [["-m", "erlen"], [str(Path(sys.executable).with_name("erlen"))]])
def test_a_spawned_process_of_the_application_gets_erlen_too(folder: Path, command: list[str]) -> None:
    (folder / "app.py").write_text(SPAWNING)
    arguments = [sys.executable, *command, "spawn"]
    result = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout == "erlen\n", result.stderr


@pytest.mark.slow
def test_the_usage_names_the_program(folder: Path, erlen: t.Any) -> None:
    assert "Usage: python -m erlen [OPTIONS] COMMAND" in erlen("--help").stdout


@pytest.mark.slow
def test_a_wrong_application_ends_with_a_message_and_no_traceback(folder: Path, erlen: t.Any) -> None:
    (folder / "wsgi.py").write_text(FLASK_APP)
    result = erlen("--app", "wsgj", "routes")
    assert result.returncode == 2
    assert "Did you mean 'wsgi'" in result.stderr
    assert "Traceback" not in result.stderr


def loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


SERVES = """import erlen as web
app, bp = web.Erlen("app"), web.Blueprint("bp", "app")
app.register_blueprint(bp)
list(app({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "a", "SERVER_PORT": "80",
          "wsgi.url_scheme": "http"}, lambda *args: None))"""


@pytest.mark.slow
@pytest.mark.parametrize("code", ["import erlen", SERVES], ids=["import", "serve"])
def test_the_command_line_is_loaded_when_somebody_touches_it(code: str) -> None:
    assert not {"click", "erlen.cli"} & loaded_by(f"exec({code!r})")


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import erlen; erlen.cli.AppGroup",
        "import erlen; erlen.Erlen('app').cli",
        "import erlen; erlen.Blueprint('bp', 'app').cli",
        "import erlen.as_flask, flask; flask.cli.with_appcontext",
    ],
)
def test_what_only_some_commands_need_is_not_loaded_before(code: str) -> None:
    """`--version`, plugins, the shell, environment files."""
    loaded = loaded_by(code)
    assert "erlen.cli" in loaded
    assert not {"importlib.metadata", "code", "dotenv", "readline"} & loaded
