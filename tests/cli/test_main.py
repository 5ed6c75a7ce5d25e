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


@pytest.mark.parametrize("command", [["-m", "erlen"], [str(Path(sys.executable).with_name("erlen"))]])
def test_a_spawned_process_of_the_application_gets_erlen_too(folder: Path, command: list[str]) -> None:
    (folder / "app.py").write_text(SPAWNING)
    arguments = [sys.executable, *command, "spawn"]
    result = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout == "erlen\n", result.stderr


def test_the_usage_names_the_program(folder: Path, erlen: t.Any) -> None:
    assert "Usage: python -m erlen [OPTIONS] COMMAND" in erlen("--help").stdout


def test_a_wrong_application_ends_with_a_message_and_no_traceback(folder: Path, erlen: t.Any) -> None:
    (folder / "wsgi.py").write_text(FLASK_APP)
    result = erlen("--app", "wsgj", "routes")
    assert result.returncode == 2
    assert "Did you mean 'wsgi'" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_command_line_does_not_slow_the_import_down() -> None:
    """What only `--version`, plugins, the shell and environment files need is not loaded before."""
    lazy = {"importlib.metadata", "code", "dotenv", "readline"}
    code = "import sys, erlen; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "erlen.cli" in loaded.split()
    assert not lazy & set(loaded.split())
