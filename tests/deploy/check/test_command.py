"""The command `erlen check`: what it runs, prints and exits with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from erlen.cli import FlaskGroup
from erlen.deploy.check.command import listed_kinds
from tests.legacy.check.conftest import write

from .applications import HEAD, own_process
from .conftest import Install

__all__ = ["own_process"]

ERROR = '@app.route("/<name>")\ndef view(): return ""\n'
WARNING = '@app.endpoint("lost")\ndef lost(): return ""\n'
INFO = """\
def again(): return ""
app.add_url_rule("/a", "a", again)
app.add_url_rule("/a", "a", again)
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start without the variables that steer the command line; those that it sets are taken back."""
    for name in [name for name in os.environ if name.startswith(("FLASK_", "ERLEN_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "")


@pytest.fixture
def other_check(install: Install) -> None:
    """Install a distribution that has a check of its own, and one that is none."""
    install("zed-look = zed_check:check", "bad = zed_check:none")


@pytest.fixture
def application(tmp_path: Path) -> None:
    """Write an application with a mistake of each level."""
    write(tmp_path, {"app.py": HEAD + ERROR + WARNING + INFO})


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


def test_it_checks_the_application_of_the_command_line(application: None) -> None:
    status, output = erlen()
    assert status == 1
    assert [line for line in output.splitlines() if not line.startswith(" ")] == [
        "app.py:3: error: The view 'view' does not fit the rule '/<name>': it takes no 'name'."
        " [view-parameters]",
        "app.py:5: warning: The endpoint 'lost' has a view function, and no rule. [view-without-rule]",
        "app.py:8: info: The rule '/a' of 'a' is registered twice for one view. [rule-repeated]",
        "Found in 'app': 1 error, 1 warning, 1 info.",
    ]


def test_it_finds_nothing_where_nothing_is(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": HEAD})
    status, output = erlen()
    assert status == 0
    assert re.fullmatch(r"Nothing found in 'app'; \d+ kinds of mistakes were looked for.\n", output)


@pytest.mark.parametrize(
    ("code", "level", "status"),
    [
        (INFO + ERROR, "error", 1),
        (WARNING + INFO, "error", 0),
        (WARNING + INFO, "warning", 1),
        (INFO, "warning", 0),
        (INFO, "info", 1),
        ("", "info", 0),
    ],
)
def test_the_exit_status_goes_by_the_level(tmp_path: Path, code: str, level: str, status: int) -> None:
    write(tmp_path, {"app.py": HEAD + code})
    assert erlen("--fail-level", level)[0] == status


def test_the_report_is_for_programs_too(application: None) -> None:
    status, output = erlen("--format", "json")
    assert (status, len(json.loads(output)["findings"])) == (1, 3)
    status, output = erlen("--format", "github")
    assert [output.count(f"::{level} ") for level in ("error", "warning", "notice")] == [1, 1, 1]
    assert status == 1


def test_deploy_looks_for_more(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": HEAD})
    usual, deploy = (
        json.loads(erlen(*more, "--format", "json")[1])["findings"] for more in ([], ["--deploy"])
    )
    assert usual == []
    assert {each["id"] for each in deploy} >= {"https-not-forced", "trusted-hosts-missing"}


def test_there_are_more_kinds_than_django_has() -> None:
    listed = listed_kinds()
    assert len(listed) >= 25
    assert len({each.kind.id for each in listed}) == len(listed)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.kind.id) for each in listed)
    assert all(each.kind.why.endswith(".") for each in listed)


def test_the_list_needs_no_application() -> None:
    status, output = erlen("--list")
    assert status == 0
    assert "rule-hidden" in output
    assert len(json.loads(erlen("--list", "--format", "json")[1])) == len(listed_kinds())


def test_functions_of_other_distributions_are_checks_too(install: Install, tmp_path: Path) -> None:
    install("quiet = zed_check:look", "broken = zed_check:broken", "gone = zed_check:gone")
    write(tmp_path, {"app.py": HEAD + "app.config['SILENCED_CHECKS'] = {'zed-kind': 'why not'}\n"})
    status, output = erlen("--format", "json")
    told = json.loads(output)
    assert status == 1
    assert sorted(each["id"] for each in told["findings"]) == ["check-failed", "check-not-loaded"]
    assert {(each["what"], each["reason"]) for each in told["silenced"]} == {
        ("app has no zed.", "why not"),
        ("Half.", "why not"),
    }


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "There is no application here"),
        (
            {"app.py": "1 / 0"},
            "The application does not load: ZeroDivisionError in app.py:1: division by zero",
        ),
        (
            {"app.py": "import gone_for_good"},
            "The application does not load: ModuleNotFoundError in app.py:1: ",
        ),
    ],
)
def test_an_application_that_does_not_load_is_explained(
    tmp_path: Path, files: dict[str, str], text: str
) -> None:
    write(tmp_path, files)
    status, output = erlen()
    assert status == 2
    assert text in output
    assert "Traceback" not in output
    assert ("Traceback" in erlen("--traceback")[1]) == bool(files)


@pytest.mark.parametrize(
    "arguments",
    [["--workers", "0"], ["--workers", "x"], ["--format", "x"], ["--fail-level", "x"], ["x"], ["--user"]],
)
def test_wrong_options_are_refused(application: None, arguments: list[str]) -> None:
    assert erlen(*arguments)[0] == 2


@pytest.mark.slow
def test_a_file_that_says_from_flask_import_is_checked(tmp_path: Path) -> None:
    """In a process of its own, with the alias; its output cannot have the letter of the rule."""
    write(
        tmp_path,
        {
            "shop.py": HEAD.replace("erlen", "flask").replace("Erlen", "Flask") + "@app.route('/ä/<x>')\n"
            "def view(): return render_template('gone.html')\n"
        },
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "erlen", "--app", "shop", "check"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "shop.py:3: error: The view 'view' does not fit the rule '/\\xe4/<x>'" in done.stdout
    assert "shop.py:4: error: There is no template 'gone.html'. [template-missing]" in done.stdout


def test_each_kind_is_planted_in_a_test() -> None:
    """What the tests of the checks expect stands in them as `!id`, or as the id in quotes."""
    texts = [path.read_text() for path in Path(__file__).parent.rglob("*.py")]
    kinds = [each.kind for each in listed_kinds() if not each.only_for_deploy]
    named = [
        kind.id
        for kind in kinds
        if not any(f"!{kind.id}" in text or f'"{kind.id}"' in text for text in texts)
    ]
    assert named == []
