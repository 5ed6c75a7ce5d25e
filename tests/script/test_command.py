from __future__ import annotations

import pytest

from erlen import Erlen
from erlen.cli import cli, plugins

from .conftest import Project

GOOD = '"""Do it."""\ndef main() -> None: ...\n'


def test_it_is_a_command_of_erlens_own() -> None:
    assert "script" in plugins.own_commands()
    command = plugins.own_command("script")
    assert command is not None
    assert sorted(command.commands) == ["check", "list", "new", "promote", "retire", "run"]


def test_a_script_from_the_first_day_to_the_last(project: Project) -> None:
    printed = project.type("new", "export_orders").stdout.split()
    assert len(printed) == 2
    name = printed[0].rpartition("/")[2].removesuffix(".py")
    script = project.root / printed[0]
    assert printed[1] == f"tests/offline_script/zhangsan/test_{name}.py"
    script.write_text('"""Export orders."""\ndef main(): print("exported")')
    assert project.type("run", name).stdout == "exported\n"
    assert (
        project.type("promote", name).stdout == f"{printed[0]} -> offline_script/recycle/export_orders.py\n"
    )
    table = project.type("list").stdout.splitlines()
    assert table[0].split()[:3] == ["NAME", "PLACE", "AUTHOR"]
    assert "export_orders  recycle" in table[1]
    assert " ok " in table[1]
    assert project.type("check").stdout == "1 scripts, nothing to complain about.\n"
    result = project.type("retire", "export_orders")
    assert result.stdout.endswith("-> offline_script/unrecycle/export_orders.py\n")
    assert (project.kept / "unrecycle.export_orders.json").exists()


def test_a_second_script_for_the_same_is_pointed_out(project: Project) -> None:
    project.write("lisi/ts_2024_06_10_export_orders", GOOD)
    result = project.type("new", "export_orders")
    assert result.exit_code == 0
    assert (
        "if it is needed again and again, 'erlen script promote ts_2024_06_10_export_orders'" in result.stderr
    )


def test_the_help_of_run_names_the_scripts_and_imports_none(project: Project) -> None:
    project.write("recycle/a", '"""Do it."""\n1 / 0')
    result = project.type("run", "--help")
    assert "a  Do it." in result.stdout


def test_stale_ones_alone_can_be_listed(project: Project) -> None:
    assert project.type("list").stdout == "There are no scripts yet.\n"
    project.write("lisi/ts_2020_06_10_x", GOOD)
    project.write("recycle/a", GOOD)
    lines = project.type("list", "--stale", "90d").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "ts_2020_06_10_x"]
    assert project.type("list", "--stale", "99999").stdout == "There are no such scripts.\n"
    assert "'90w' is no number of days: write 90d." in project.type("list", "--stale", "90w").stderr


def test_without_an_application_they_are_listed_all_the_same(project: Project) -> None:
    from click.testing import CliRunner

    from erlen.cli import ScriptInfo
    from erlen.script.command import script

    def broken() -> Erlen:
        raise RuntimeError("no database")

    project.write("recycle/a", GOOD)
    result = CliRunner().invoke(script, ["list"], obj=ScriptInfo(create_app=broken))
    assert result.exit_code == 0
    assert "a     recycle" in result.stdout
    assert "nothing is known of runs: RuntimeError('no database')" in result.stderr


def test_the_check_fails_with_a_line_for_each_finding(project: Project) -> None:
    project.write("recycle/a", "def main(): ...")
    project.write("lisi/ts_2020_06_10_x", GOOD)
    (project.root / "views.py").write_text("from offline_script.recycle import a")
    result = project.type("check")
    assert result.exit_code == 1
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
        "offline_script/recycle/a.py",
        "offline_script/lisi/ts_2020_06_10_x.py",
        "views.py",
    ]
    assert project.type("check", "--oldest", "99999d").stdout.count("\n") == 2


def test_a_check_without_scripts_says_so(project: Project) -> None:
    result = project.type("check")
    assert result.exit_code == 2
    assert "go to the project's, or set OFFLINE_SCRIPTS" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "nothing"], "There are no scripts: no folder"),
        (["promote", "nothing"], "There are no scripts: no folder"),
        (["new", "../x"], "cannot be the name of a script"),
        (["new", "calendar"], "standard library has a module 'calendar'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(project: Project, words: list[str], message: str) -> None:
    result = project.type(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_erlen_check_knows_the_scripts(project: Project) -> None:
    from click.testing import CliRunner

    result = CliRunner().invoke(cli, ["check", "--scripts"], prog_name="erlen")
    assert result.output == "No module imports an offline script.\n"
