"""A reason not to serve is one line."""

from __future__ import annotations

import pytest

from erlen.deploy.serve import errors
from erlen.deploy.serve.errors import ServeError

STATUSES = {name: value for name, value in vars(errors).items() if name.isupper()}


def test_each_reason_has_a_status_of_its_own() -> None:
    assert sorted(STATUSES.values()) == list(range(2, 2 + len(STATUSES)))


@pytest.mark.parametrize("status", STATUSES.values())
def test_an_error_has_a_message_and_a_status(status: int) -> None:
    error = ServeError("No.", status)
    assert (error.message, error.status, str(error)) == ("No.", status, "No.")


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("a\nb", "a\\nb"),
        ("a\r\x1b[2Jb", "a\\r\\x1b[2Jb"),
        ("a\u2028b", "a\\u2028b"),
        ("a\udcffb", "a\\udcffb"),
        ("a\0b", "a\\x00b"),
        ("grüße 例", "grüße 例"),
    ],
)
def test_a_message_is_one_line_whatever_is_in_it(said: str, line: str) -> None:
    message = ServeError(said, errors.USAGE).message
    assert message == line
    assert len(message.encode().splitlines()) == 1
