"""`erlen secret`: a key is printed, or put into a file."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dotenv import dotenv_values

from erlen import Flask, session
from erlen.cli import FlaskGroup
from erlen.deploy.env.secret import secret

KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def call(runner: CliRunner, *words: str) -> Result:
    return runner.invoke(secret, words)


def test_a_key_is_printed_and_nothing_else(runner: CliRunner) -> None:
    first, second = call(runner), call(runner)
    assert KEY.fullmatch(first.output.removesuffix("\n"))
    assert first.output != second.output


def test_it_is_a_command_of_erlen(runner: CliRunner) -> None:
    result = runner.invoke(FlaskGroup(create_app=lambda: Flask("x")), ["secret"])
    assert KEY.fullmatch(result.output.removesuffix("\n"))


def test_it_is_written_and_not_printed(runner: CliRunner) -> None:
    result = call(runner, "--write")
    key = dotenv_values(".env")["SECRET_KEY"]
    assert result.output == "SECRET_KEY is in '.env', a new file that only you may read.\n"
    assert key
    assert KEY.fullmatch(key)


def test_the_file_and_the_name_can_be_chosen(runner: CliRunner) -> None:
    Path("shop.env").write_text("# ours\nA=1\n")
    Path("shop.env").chmod(0o600)
    result = call(runner, "--write", "shop.env", "--name", "SHOP_KEY")
    assert result.output == "SHOP_KEY is in 'shop.env', everything else in it is as it was.\n"
    assert Path("shop.env").read_text().startswith("# ours\nA=1\nSHOP_KEY=")


def test_one_that_is_there_is_kept(runner: CliRunner) -> None:
    Path(".env").write_text("SECRET_KEY=old\n")
    result = call(runner, "--write")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "'.env' has SECRET_KEY already, and it is kept. To replace it and still accept what it has signed,"
        " add '--rotate'.\n"
    )
    assert Path(".env").read_text() == "SECRET_KEY=old\n"


def test_rotation_says_where_the_old_key_is_and_shows_neither(runner: CliRunner) -> None:
    Path(".env").write_text("SECRET_KEY=the-old-one\n")
    Path(".env").chmod(0o600)
    result = call(runner, "--write", "--rotate")
    assert result.output == (
        "SECRET_KEY is in '.env', everything else in it is as it was.\n"
        "The key before it is the first of SECRET_KEY_FALLBACKS.\n"
    )
    assert json.loads(dotenv_values(".env")["SECRET_KEY_FALLBACKS"] or "") == ["the-old-one"]


def app_of_the_file() -> Flask:
    app = Flask("shop")
    values: dict[str, Any] = dict(dotenv_values(".env"))
    app.config["SECRET_KEY"] = values["SECRET_KEY"]
    app.config["SECRET_KEY_FALLBACKS"] = json.loads(values.get("SECRET_KEY_FALLBACKS") or "[]")
    app.add_url_rule("/set", "set", view_func=lambda: session.update(user="ada") or "")
    app.add_url_rule("/get", "get", view_func=lambda: session.get("user", "nobody"))
    return app


def test_sessions_stay_valid_over_rotations(runner: CliRunner) -> None:
    call(runner, "--write")
    cookie = app_of_the_file().test_client().get("/set").headers["Set-Cookie"].partition(";")[0]

    def user() -> str:
        return app_of_the_file().test_client(use_cookies=False).get("/get", headers={"Cookie": cookie}).text

    assert user() == "ada"
    for _ in range(2):
        call(runner, "--write", "--rotate")
        assert user() == "ada"
    text = Path(".env").read_text()
    Path(".env").write_text(re.sub("SECRET_KEY_FALLBACKS=.*", "", text))
    assert user() == "nobody"


def test_a_file_for_all_users_and_for_git_is_warned_of(runner: CliRunner) -> None:
    subprocess.run(["git", "init"], check=True, capture_output=True, timeout=60)
    Path(".env").touch()
    Path(".env").chmod(0o644)
    assert call(runner, "--write").stderr == (
        "Every user of this machine may read '.env': 'chmod 600' changes that.\n"
        "git does not ignore '.env'. Add this line to .gitignore: .env\n"
    )


def test_python_dotenv_is_not_needed_and_named(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "dotenv", None)
    result = call(runner, "--write")
    assert result.stderr == (
        "Erlen reads such files with python-dotenv, which is not installed: pip install 'erlen[dotenv]'.\n"
    )
    assert Path(".env").read_text().startswith("SECRET_KEY=")


@pytest.mark.parametrize("name", ["", "A B", "A=B", "A\nB=C", "1A", "A-B", "ключ", "A\n"])
def test_a_name_that_no_variable_has_is_refused(name: str, runner: CliRunner) -> None:
    result = call(runner, "--write", "--name", name)
    assert result.exit_code == 2
    assert f"{name!r} is no name of a variable: letters, digits and underscores." in result.output
    assert not Path(".env").exists()


def test_rotation_without_a_file_is_refused(runner: CliRunner) -> None:
    result = call(runner, "--rotate")
    assert result.exit_code == 2
    assert "'--rotate' needs '--write': it replaces a key in a file." in result.output


def test_what_cannot_be_written_is_one_line(runner: CliRunner) -> None:
    Path(".env").mkdir()
    result = call(runner, "--write")
    assert (result.exit_code, result.output) == (
        1,
        "Error: '.env' is a folder: name a file, as in '--write shop.env'.\n",
    )
