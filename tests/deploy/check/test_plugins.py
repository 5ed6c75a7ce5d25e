"""Checks of other distributions."""

from __future__ import annotations

import click
import pytest

from erlen.deploy.check import Level, plugins, running

from .conftest import Install


def test_commands_are_chosen_by_name(install: Install) -> None:
    install("zed-look = zed_check:check", "quiet = zed_check:look")
    assert set(plugins.names()) >= {"--legacy", "--scripts", "--zed-look", "--quiet"}
    assert plugins.command_names() == ["--legacy", "--scripts", "--zed-look"]
    found = plugins.command("--zed-look")
    assert found is not None
    assert (found[0].name, found[1].name) == ("zed-look", "check")
    assert plugins.command("--nothing") is None


def test_functions_are_run_with_the_others(install: Install) -> None:
    install("zed-look = zed_check:check", "quiet = zed_check:look")
    (check,), failed = plugins.functions()
    assert check.__name__ == "look"
    assert failed == []
    assert [kind.id for kind in running.kinds_of([check])] == ["zed-kind"]


@pytest.mark.parametrize(
    ("entry_point", "text"),
    [
        ("zed_check:gone", "does not load: AttributeError"),
        ("no_such_module:check", "does not load: ModuleNotFoundError"),
        ("zed_check:none", "does not load: TypeError: it is no function but of the type 'int'"),
    ],
)
def test_what_does_not_load_is_a_finding_and_the_others_go_on(
    install: Install, entry_point: str, text: str
) -> None:
    install(f"bad = {entry_point}", "quiet = zed_check:look")
    (check,), (failed,) = plugins.functions()
    assert check.__name__ == "look"
    assert failed.kind.level is Level.ERROR
    assert failed.what.startswith(f"The check 'bad' of the distribution 'zed-check' ({entry_point}) {text}")
    assert failed.write == "pip install --upgrade zed-check"


@pytest.mark.parametrize(
    ("entry_point", "kind", "text"),
    [
        ("zed_check:look", click.UsageError, "has no options: 'erlen check' runs it with the others"),
        ("zed_check:none", click.UsageError, "(zed_check:none) is no function and no Click command"),
        ("no_such_module:check", click.ClickException, "does not load: ModuleNotFoundError"),
    ],
)
def test_a_name_that_is_no_command_is_refused(
    install: Install, entry_point: str, kind: type[click.ClickException], text: str
) -> None:
    install(f"bad = {entry_point}")
    with pytest.raises(kind) as caught:
        plugins.command("--bad")
    assert text in caught.value.message


def test_the_list_of_commands_reports_what_does_not_load(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("bad = no_such_module:check", "zed-look = zed_check:check")
    assert plugins.command_names() == ["--legacy", "--scripts", "--zed-look"]
    assert "The check 'bad' of the distribution 'zed-check' (no_such_module:check) does not load" in (
        capsys.readouterr().err
    )
