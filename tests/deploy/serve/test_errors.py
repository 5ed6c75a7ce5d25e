"""Errors that end the command."""

from __future__ import annotations

from erlen.deploy.serve.errors import ServeError


def test_an_error_has_its_line_and_its_exit_status() -> None:
    error = ServeError("The port is taken.", 4)
    assert (str(error), error.message, error.status) == ("The port is taken.", "The port is taken.", 4)
