from __future__ import annotations

import pytest

from erlen.script import errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ScriptError, 2),
        (errors.RunsAlready, 4),
        (errors.NotConfirmed, 5),
        (errors.NotKept, 1),
    ],
)
def test_each_error_has_its_exit_status(error: type[errors.ScriptError], status: int) -> None:
    assert error("no").exit_code == status


def test_a_message_stays_on_its_line() -> None:
    assert errors.ScriptError("a\nb\x1b[31m").message == "a\\nb\\x1b[31m"
