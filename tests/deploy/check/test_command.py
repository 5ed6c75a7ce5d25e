"""`erlen check`, which finds its checks by entry points."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from erlen.cli import FlaskGroup
from tests.legacy.check.conftest import write


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start without the variables that steer the command line; those that it sets are taken back."""
    for name in [name for name in os.environ if name.startswith(("FLASK_", "ERLEN_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def other_check(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a distribution that has a check of its own, and one that is none."""
    site = tmp_path_factory.mktemp("site")
    code = (
        "import click\n@click.command()\n"
        "@click.option('--loud', is_flag=True)\n@click.argument('a', default='-')\n"
        "def check(loud, a):\n    click.echo(f'looked {loud} {a}')\nnone = 1\n"
    )
    write(
        site,
        {
            "zed_check.py": code,
            "zed_check-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: zed-check\nVersion: 1.0\n",
            "zed_check-1.0.dist-info/entry_points.txt": (
                "[erlen.checks]\nzed-look = zed_check:check\nbad = zed_check:none\n"
            ),
        },
    )
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])


def erlen(*arguments: str, **env: str) -> tuple[int, str]:
    result = CliRunner().invoke(FlaskGroup(), ["check", *arguments], env=env)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    "arguments", [["--zed-look", "--loud", "x"], ["--loud", "--zed-look", "x"], ["x", "--loud", "--zed-look"]]
)
def test_the_options_of_a_check_stand_beside_its_name(other_check: None, arguments: list[str]) -> None:
    assert erlen(*arguments) == (0, "looked True x\n")


@pytest.mark.parametrize("prefix", ["FLASK", "ERLEN"])
def test_the_options_of_a_check_have_variables(other_check: None, prefix: str) -> None:
    assert erlen("--zed-look", **{f"{prefix}_CHECK_ZED_LOOK_LOUD": "1"}) == (0, "looked True -\n")


def test_help_is_that_of_the_check() -> None:
    status, output = erlen("--legacy", "--help")
    assert status == 0
    assert "Usage:" in output
    assert "check --legacy [OPTIONS] [PATH]" in output
    assert "--fix" in output
    assert "--legacy" in erlen("--help")[1]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--nothing"], "--nothing"),
        (["nothing"], "nothing"),
        (["--bad"], "The check '--bad' (zed_check:none) is no function and no Click command."),
        (["--zed-look", "a", "b"], "b"),
        (["--legacy", "--nothing"], "--nothing"),
        (["--", "--legacy", "a"], "a"),
    ],
)
def test_what_is_no_check_or_option_is_refused(other_check: None, arguments: list[str], text: str) -> None:
    status, output = erlen(*arguments)
    assert status == 2
    assert text in output
