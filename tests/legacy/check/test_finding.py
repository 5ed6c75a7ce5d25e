"""How a finding is named, and what it says to write instead."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("code", "name", "instead"),
    [
        ("from flask import escape", "flask.escape", "markupsafe.escape"),
        ("from flask.ext.login import a", "flask.ext.login", "flask_login"),
        (
            "from flask.helpers import BadRequest",
            "flask.helpers.BadRequest",
            "werkzeug.exceptions.BadRequest",
        ),
        ("import flask\nflask.send_file(cache_timeout=1)", "flask.send_file(cache_timeout)", "max_age"),
        ("from jinja2 import Markup", "jinja2.Markup", "markupsafe.Markup"),
    ],
)
def test_name_and_way(look, code: str, name: str, instead: str) -> None:
    [finding] = look(code).findings
    assert (finding.name, finding.instead) == (name, instead)
    assert finding.line == code.count("\n") + 1
