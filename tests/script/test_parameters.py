from __future__ import annotations

import typing as t
from datetime import date, datetime
from enum import Enum
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from erlen.script.errors import ScriptError
from erlen.script.parameters import arguments_of, options_of, takes_dry_run


class State(Enum):
    NEW = 1
    ON_ITS_WAY = 2


def called(main: t.Callable[..., t.Any], *words: str) -> t.Any:
    """Return what `main` is called with for these words, or the message that the user sees."""
    got: dict[str, t.Any] = {}
    command = click.Command(
        "x", params=options_of(main, "x.py"), callback=lambda **values: got.update(values)
    )
    result = CliRunner().invoke(command, words)
    if result.exit_code:
        return result.output
    return arguments_of(main, got)


def every_type(
    text: str,
    number: int = 3,
    share: float = 0.5,
    loud: bool = False,
    path: Path = Path("a.csv"),
    day: date = date(2024, 6, 10),
    moment: datetime = datetime(2024, 6, 10, 12),
    state: State = State.NEW,
    names: list[str] = [],  # noqa: B006
    states: list[State] | None = None,
    most: int | None = None,
    which: t.Optional[date] = None,  # noqa: UP045
) -> None: ...


def test_what_is_given_has_its_type() -> None:
    words = "--text a --number 4 --share 1.5 --loud --path b --day 2024-01-02 --moment 2024-01-02T03:04"
    words += (
        " --state on-its-way --names x --names y --states NEW --states on_its_way --most 7 --which 2024-01-03"
    )
    assert called(every_type, *words.split()) == {
        "text": "a",
        "number": 4,
        "share": 1.5,
        "loud": True,
        "path": Path("b"),
        "day": date(2024, 1, 2),
        "moment": datetime(2024, 1, 2, 3, 4),
        "state": State.ON_ITS_WAY,
        "names": ["x", "y"],
        "states": [State.NEW, State.ON_ITS_WAY],
        "most": 7,
        "which": date(2024, 1, 3),
    }


def test_what_is_not_given_is_the_default() -> None:
    got = called(every_type, "--text", "a", "--no-loud")
    assert got["state"] is State.NEW
    assert (got["number"], got["path"], got["day"]) == (3, Path("a.csv"), date(2024, 6, 10))
    assert (got["moment"], got["most"], got["which"]) == (datetime(2024, 6, 10, 12), None, None)
    assert (got["names"], not got["states"]) == ([], True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Missing option '--text'"),
        (["--text", "a", "--number", "x"], "'x' is not a valid integer"),
        (["--text", "a", "--day", "10.6.2024"], "'10.6.2024' is no date: write it as 2024-06-10."),
        (["--text", "a", "--moment", "noon"], "'noon' is no date with a time"),
        (["--text", "a", "--state", "lost"], "'lost' is not one of new, on-its-way."),
    ],
)
def test_a_wrong_value_is_told_as_click_does(words: list[str], message: str) -> None:
    assert message in called(every_type, *words)


def test_the_help_names_types_defaults_and_notes() -> None:
    def main(rows: t.Annotated[int, "How many."] = 3, state: State = State.NEW) -> None: ...

    main.__annotations__["state"] = State
    text = click.Command("x", params=options_of(main, "x.py")).get_help(click.Context(click.Command("x")))
    assert "--rows INTEGER" in text
    assert "How many.  [default: 3]" in text
    assert "[new|on-its-way]" in text
    assert "[default: new]" in text


def unannotated(a): ...
def starred(*a: int): ...
def keywords(**a: int): ...
def positional(a: int, /): ...
def of_bytes(a: bytes): ...
def of_dict(a: dict[str, int]): ...
def of_union(a: int | str): ...
def of_lists(a: list[list[int]]): ...
def reserved(resume: bool): ...
def unknown(a: Nowhere): ...  # noqa: F821


@pytest.mark.parametrize(
    ("main", "message"),
    [
        (unannotated, "the parameter 'a' of 'main' has no type: annotate it with str, int"),
        (starred, "cannot be an option"),
        (keywords, "cannot be an option"),
        (positional, "cannot be an option"),
        (of_bytes, "is a bytes, which no option can be: use str, int"),
        (of_dict, r"is a dict\[str, int\], which no option can be"),
        (of_union, r"is a int \| str, which no option can be"),
        (of_lists, "which no option can be"),
        (reserved, "has the name of an option that each script has"),
        (unknown, "an annotation of 'main' cannot be read: name 'Nowhere' is not defined"),
    ],
)
def test_a_parameter_that_cannot_be_an_option_is_named(main: t.Callable[..., t.Any], message: str) -> None:
    with pytest.raises(ScriptError, match=rf"x\.py: .*{message}"):
        options_of(main, "x.py")


def test_a_dry_run_is_told_and_is_no_option_of_its_own() -> None:
    def main(dry_run: bool, number: int = 1) -> None: ...

    assert takes_dry_run(main)
    assert [option.name for option in options_of(main, "x.py")] == ["number"]
    assert not takes_dry_run(unannotated)
