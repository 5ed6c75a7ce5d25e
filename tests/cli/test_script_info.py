"""What a command knows of its application, and that it runs in the application's context."""

from __future__ import annotations

import asyncio
import typing as t
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from erlen import Flask, current_app
from erlen.cli import AppGroup, NoAppException, ScriptInfo, with_appcontext

SITE = "from erlen import Flask\n{name} = Flask('{app}')\n"


def test_an_application_is_loaded_once(folder: Path) -> None:
    info = ScriptInfo(create_app=lambda: Flask("made"))
    assert info._loaded_app is None
    app = info.load_app()
    assert app.name == "made"
    assert info.load_app() is app
    assert info._loaded_app is app


def test_a_factory_goes_before_an_import_path() -> None:
    info = ScriptInfo(app_import_path="nowhere", create_app=lambda: Flask("made"))
    assert info.load_app().name == "made"


@pytest.mark.parametrize(
    "path", ["site_one", "site_one.py", "site_one:site", "./site_one.py:site", "{folder}/site_one.py"]
)
def test_an_import_path_is_a_module_or_a_file_with_or_without_a_name(folder: Path, path: str) -> None:
    (folder / "site_one.py").write_text(SITE.format(name="site", app="one"))
    assert ScriptInfo(app_import_path=path.format(folder=folder)).load_app().name == "one"


def test_a_name_may_call_a_factory_with_arguments_that_have_colons(folder: Path) -> None:
    (folder / "site_two.py").write_text(
        "from erlen import Flask\ndef create_app(url):\n    return Flask(url[:7])\n"
    )
    info = ScriptInfo(app_import_path="site_two:create_app('sqlite://')")
    assert info.load_app().name == "sqlite:"


def test_without_a_path_wsgi_py_goes_before_app_py(folder: Path) -> None:
    (folder / "app.py").write_text(SITE.format(name="app", app="from app.py"))
    assert ScriptInfo().load_app().name == "from app.py"
    (folder / "wsgi.py").write_text(SITE.format(name="app", app="from wsgi.py"))
    assert ScriptInfo().load_app().name == "from wsgi.py"


def test_with_nothing_to_find_the_error_says_where_it_looked_and_how_to_say_it(folder: Path) -> None:
    with pytest.raises(NoAppException) as caught:
        ScriptInfo().load_app()
    for part in ("wsgi.py", "app.py", str(folder), "--app", "FLASK_APP"):
        assert part in caught.value.format_message()


def test_a_factory_that_returns_nothing_is_named() -> None:
    def create_app() -> None: ...

    with pytest.raises(NoAppException, match=r"create_app.* returned None"):
        ScriptInfo(create_app=create_app).load_app()  # type: ignore[arg-type]


@pytest.mark.parametrize(("variable", "debug"), [(None, False), ("1", True), ("0", False), ("false", False)])
def test_the_environment_sets_debug_mode(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, debug: bool
) -> None:
    if variable is not None:
        monkeypatch.setenv("FLASK_DEBUG", variable)
    app = Flask("debugged")
    app.debug = not debug
    ScriptInfo(create_app=lambda: app, set_debug_flag=False).load_app()
    assert app.debug is not debug
    ScriptInfo(create_app=lambda: app).load_app()
    assert app.debug is debug


def test_a_command_runs_in_the_context_of_its_application(runner: CliRunner) -> None:
    @click.command()
    @click.argument("word")
    @with_appcontext
    def say(word: str) -> None:
        """Say it."""
        click.echo(f"{word} {current_app.name}")

    assert say.help == "Say it."
    result = runner.invoke(say, ["hello"], obj=ScriptInfo(create_app=lambda: Flask("ctx")))
    assert result.output == "hello ctx\n"
    assert not current_app


def test_an_active_context_is_used_as_it_is(runner: CliRunner) -> None:
    @click.command()
    @with_appcontext
    def say() -> None:
        click.echo(current_app.name)

    with Flask("active").app_context():
        assert runner.invoke(say, obj=ScriptInfo(create_app=lambda: Flask("other"))).output == "active\n"


def test_the_context_lasts_as_long_as_the_command_and_is_torn_down(runner: CliRunner) -> None:
    app = Flask("torn")
    events: list[str] = []
    app.teardown_appcontext(lambda error: events.append("torn down"))

    @click.command()
    @with_appcontext
    @click.pass_context
    def say(ctx: click.Context) -> None:
        ctx.call_on_close(lambda: events.append(f"closing {current_app.name}"))

    runner.invoke(say, obj=ScriptInfo(create_app=lambda: app), catch_exceptions=False)
    assert events == ["closing torn", "torn down"]


def test_a_coroutine_function_runs_to_its_end(runner: CliRunner) -> None:
    group = AppGroup("site")

    @group.command()
    @click.option("--times", default=1)
    async def say(times: int) -> str:
        await asyncio.sleep(0)
        return current_app.name * times

    info = ScriptInfo(create_app=lambda: Flask("async"))
    result = runner.invoke(group, ["say", "--times", "2"], obj=info, standalone_mode=False)
    assert result.return_value == "asyncasync"


def test_arguments_named_like_the_wrappers_own_reach_the_command(runner: CliRunner) -> None:
    @click.command()
    @click.option("--ctx", default="x")
    @with_appcontext
    def say(ctx: t.Any) -> None:
        click.echo(ctx)

    result = runner.invoke(say, ["--ctx", "y"], obj=ScriptInfo(create_app=lambda: Flask("ctx")))
    assert result.output == "y\n"
