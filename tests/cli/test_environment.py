"""Environment files, and variables in place of options."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

import click
import flask.cli
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from erlen import Flask
from erlen.cli import FlaskGroup, load_dotenv
from tests.amounts import part_of

NAMES = st.sampled_from(["ONE", "TWO", "THREE"])
LINES = st.one_of(
    st.builds("{}={}".format, NAMES, st.sampled_from(["x", "'y'", '"z"', "", "${ONE}", "火腿"])),
    st.builds("export {}=e".format, NAMES),
    NAMES,
    st.sampled_from(["# comment", "", "not an assignment", "ONE='open"]),
)
FILES = st.none() | st.lists(LINES, max_size=4).map("\n".join)


def loaded(load: t.Callable[..., bool], by_hand: dict[str, str], *args: t.Any) -> tuple[bool, dict[str, str]]:
    """Return what loading answers, and the environment it leaves."""
    before = dict(os.environ)
    try:
        for name in ("ONE", "TWO", "THREE"):
            os.environ.pop(name, None)
        os.environ.update(by_hand)
        return load(*args), {name: os.environ[name] for name in ("ONE", "TWO", "THREE") if name in os.environ}
    finally:
        os.environ.clear()
        os.environ.update(before)


@given(
    by_hand=st.dictionaries(NAMES, st.just("by hand")),
    files=st.tuples(FILES, FILES, FILES),
    use_path=st.booleans(),
    defaults=st.booleans(),
)
@settings(max_examples=part_of(60), deadline=None)
def test_files_set_what_flask_sets_from_them(
    tmp_path_factory: pytest.TempPathFactory,
    by_hand: dict[str, str],
    files: tuple[str | None, ...],
    use_path: bool,
    defaults: bool,
) -> None:
    folder = tmp_path_factory.mktemp("env")
    for name, text in zip((".env", ".flaskenv", "given"), files, strict=True):
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    arguments = (folder / "given" if use_path else None, defaults)
    here = os.getcwd()
    os.chdir(folder)
    try:
        assert loaded(load_dotenv, by_hand, *arguments) == loaded(flask.cli.load_dotenv, by_hand, *arguments)
    finally:
        os.chdir(here)


def test_by_hand_goes_before_a_given_file_and_that_before_env_and_flaskenv(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".flaskenv").write_text("ONE=flaskenv\nTWO=flaskenv\nTHREE=flaskenv\nFOUR=flaskenv\n")
    (folder / ".env").write_text("ONE=env\nTWO=env\nTHREE=env\n")
    (folder / "given").write_text("ONE=given\nTWO=given\n")
    monkeypatch.setenv("ONE", "by hand")
    assert load_dotenv("given")
    assert [os.environ[name] for name in ("ONE", "TWO", "THREE", "FOUR")] == [
        "by hand",
        "given",
        "env",
        "flaskenv",
    ]


def test_default_files_are_found_in_a_folder_above(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("ABOVE=yes\n")
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert load_dotenv()
    assert os.environ["ABOVE"] == "yes"
    assert Path.cwd() == folder / "below"


def test_a_bad_line_is_reported_by_file_and_line_and_the_others_count(
    folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (folder / ".env").write_text("GOOD=1\n\n\npassword s3cret\nLAST='2'\n")
    assert load_dotenv()
    assert (os.environ["GOOD"], os.environ["LAST"]) == ("1", "2")
    told = capsys.readouterr().err
    assert f"{folder / '.env'}, line 4" in told
    assert "NAME=value" in told
    assert told.count("\n") == 1
    assert "s3cret" not in told
    assert caplog.records == []


def test_other_messages_of_python_dotenv_are_left_alone(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import dotenv

    (folder / ".env").write_text("bad line\n")
    load_dotenv()
    dotenv.dotenv_values(folder / ".env")
    assert "could not parse" in caplog.text


@pytest.mark.parametrize("name", [".env", ".flaskenv"])
def test_a_file_that_is_not_utf_8_is_named_with_the_line(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"GOOD=1\nBAD=\xff\n")
    with pytest.raises(UnicodeDecodeError) as caught:
        load_dotenv()
    assert f"{folder / name}, line 2" in str(caught.value)


def test_on_the_command_line_an_unreadable_file_is_an_error_without_a_traceback(
    folder: Path, runner: CliRunner
) -> None:
    (folder / ".env").write_bytes(b"BAD=\xff\n")
    result = runner.invoke(FlaskGroup(create_app=lambda: Flask("env")), ["routes"])
    assert result.exit_code == 2
    assert f"{folder / '.env'}, line 1" in result.output


def test_a_name_that_no_variable_can_have_is_an_error_without_a_traceback(
    folder: Path, runner: CliRunner
) -> None:
    (folder / ".env").write_text("'A=B'=c\n")
    result = runner.invoke(FlaskGroup(create_app=lambda: Flask("env")), ["routes"])
    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert "environment file" in result.output


def test_without_python_dotenv_the_files_are_mentioned_and_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "dotenv", None)
    assert not load_dotenv()
    assert capsys.readouterr().err == ""
    (folder / ".env").write_text("SET=1\n")
    assert not load_dotenv()
    assert "SET" not in os.environ
    told = capsys.readouterr().err
    assert "'.env'" in told
    assert "pip install python-dotenv" in told


@pytest.fixture
def group() -> FlaskGroup:
    """A group with an application that has commands of every kind."""
    app = Flask("env")

    @app.cli.command("say-it")
    @click.option("--word", default="default")
    @click.option("--flag/--no-flag", default=False)
    def say(word: str, flag: bool) -> None:
        click.echo(f"{word} {flag}")

    @click.group()
    def plain() -> None: ...

    @plain.command("deep")
    @click.option("--level", default=0)
    def deep(level: int) -> None:
        click.echo(f"level {level}")

    app.cli.add_command(plain)
    return FlaskGroup(create_app=lambda: app)


@pytest.mark.parametrize("prefix", ["FLASK", "ERLEN"])
@pytest.mark.parametrize(
    ("arguments", "variables", "printed"),
    [
        (["say-it"], {"SAY_IT_WORD": "from variable"}, "from variable False\n"),
        (["say-it"], {"SAY_IT_FLAG": "1"}, "default True\n"),
        (["say-it", "--word", "typed"], {"SAY_IT_WORD": "from variable"}, "typed False\n"),
        (["plain", "deep"], {"PLAIN_DEEP_LEVEL": "3"}, "level 3\n"),
        (["say-it"], {"SAY_IT_WORD": ""}, "default False\n"),
    ],
)
def test_every_option_of_every_command_has_a_variable(
    runner: CliRunner,
    folder: Path,
    group: FlaskGroup,
    prefix: str,
    arguments: list[str],
    variables: dict[str, str],
    printed: str,
) -> None:
    env = {f"{prefix}_{name}": value for name, value in variables.items()}
    assert runner.invoke(group, arguments, env=env).output == printed


def test_erlens_variable_goes_before_flasks(runner: CliRunner, folder: Path, group: FlaskGroup) -> None:
    env = {"FLASK_SAY_IT_WORD": "flask", "ERLEN_SAY_IT_WORD": "erlen"}
    assert runner.invoke(group, ["say-it"], env=env).output == "erlen False\n"
    env["ERLEN_SAY_IT_WORD"] = ""
    assert runner.invoke(group, ["say-it"], env=env).output == "flask False\n"


def test_erlens_variables_are_read_from_environment_files_too(
    runner: CliRunner, folder: Path, group: FlaskGroup
) -> None:
    (folder / ".env").write_text("ERLEN_SAY_IT_WORD=from file\n")
    assert runner.invoke(group, ["say-it"]).output == "from file False\n"


def test_only_the_variables_of_the_command_that_runs_are_taken_over_and_given_back(
    runner: CliRunner, folder: Path, group: FlaskGroup
) -> None:
    seen: dict[str, str] = {}

    @group.command("look", with_appcontext=False)
    def look() -> None:
        seen.update(os.environ)

    os.environ.update(
        ERLEN_LOOK_AT="1", ERLEN_RUN_PORT="9", ERLEN_LEGACY="1", FLASK_LOOK_OUT="2", ERLEN_LOOK_OUT="3"
    )
    assert runner.invoke(group, ["look"]).exit_code == 0
    assert (seen["FLASK_LOOK_AT"], seen["FLASK_LOOK_OUT"]) == ("1", "3")
    assert not {"FLASK_RUN_PORT", "FLASK_LEGACY"} & set(seen)
    assert "FLASK_LOOK_AT" not in os.environ
    assert os.environ["FLASK_LOOK_OUT"] == "2"


def test_a_group_with_a_prefix_of_its_own_keeps_to_it(runner: CliRunner, folder: Path) -> None:
    app = Flask("wiki")

    @app.cli.command("say")
    @click.option("--word", default="default")
    def say(word: str) -> None:
        click.echo(word)

    group = FlaskGroup(create_app=lambda: app, context_settings={"auto_envvar_prefix": "WIKI"})
    env = {"ERLEN_SAY_WORD": "erlen", "FLASK_SAY_WORD": "flask"}
    assert runner.invoke(group, ["say"], env=env).output == "default\n"
    assert runner.invoke(group, ["say"], env={"WIKI_SAY_WORD": "wiki"}).output == "wiki\n"


@pytest.mark.parametrize("prefix", ["FLASK", "ERLEN"])
def test_options_of_a_users_own_group_have_variables_too(
    runner: CliRunner, folder: Path, prefix: str
) -> None:
    @click.group(cls=FlaskGroup, create_app=lambda: Flask("own"))
    @click.option("--tenant")
    def group(tenant: str) -> None:
        click.echo(f"tenant {tenant}")

    result = runner.invoke(group, ["routes"], env={f"{prefix}_TENANT": "acme"})
    assert result.output.startswith("tenant acme\n")


@pytest.mark.parametrize("variable", ["FLASK_RUN_PORT", "ERLEN_RUN_PORT"])
def test_a_wrong_value_from_a_variable_names_the_variable(
    runner: CliRunner, folder: Path, group: FlaskGroup, variable: str
) -> None:
    result = runner.invoke(group, ["run"], env={variable: "tcp://172.17.0.2"})
    assert result.exit_code == 2
    assert f"environment variable {variable}" in result.output
    typed = runner.invoke(group, ["run", "--port", "x"], env={variable: "5000"})
    assert typed.exit_code == 2
    assert "environment variable" not in typed.output


def test_a_variable_of_an_options_own_is_named_too(
    runner: CliRunner, folder: Path, group: FlaskGroup
) -> None:
    @group.command("count", with_appcontext=False)
    @click.option("--times", type=int, envvar="TIMES")
    def count(times: int) -> None: ...

    result = runner.invoke(group, ["count"], env={"TIMES": "many", "FLASK_COUNT_TIMES": "2"})
    assert "environment variable TIMES" in result.output


def test_skip_dotenv_turns_the_default_files_off(runner: CliRunner, folder: Path, group: FlaskGroup) -> None:
    (folder / ".env").write_text("FLASK_SAY_IT_WORD=from file\n")
    assert runner.invoke(group, ["say-it"], env={"FLASK_SKIP_DOTENV": "1"}).output == "default False\n"
    (folder / "given").write_text("FLASK_SAY_IT_WORD=from given\n")
    given = runner.invoke(group, ["--env-file", "given", "say-it"], env={"FLASK_SKIP_DOTENV": "1"})
    assert given.output == "from given False\n"
