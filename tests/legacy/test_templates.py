"""Extensions of Jinja by an option of the class."""

from __future__ import annotations

from typing import Any

import pytest

from erlen import Flask, render_template_string
from erlen.templating import Environment

pytestmark = pytest.mark.usefixtures("of_1_1")
BUILT_IN = ["jinja2.ext.autoescape", "jinja2.ext.with_"]


def test_the_option_is_there_with_what_is_built_in_today() -> None:
    assert Flask.jinja_options["extensions"] == BUILT_IN
    app = Flask(__name__)
    with app.app_context():
        text = render_template_string(
            "{% with a = '<' %}{{ a }}{% autoescape false %}{{ a }}{% endautoescape %}{% endwith %}"
        )
    assert text == "&lt;<"


@pytest.mark.parametrize("own_environment", [False, True])
def test_extensions_are_added(own_environment: bool) -> None:
    class OwnEnvironment(Environment):
        pass

    class Own(Flask):
        jinja_options = {**Flask.jinja_options, "extensions": [*BUILT_IN, "jinja2.ext.do"]}
        jinja_environment: Any = OwnEnvironment if own_environment else Environment

    app = Own(__name__)
    assert "jinja2.ext.ExprStmtExtension" in app.jinja_env.extensions
    assert type(app.jinja_env) is Own.jinja_environment


def test_an_application_may_add_to_the_list() -> None:
    class Own(Flask):
        jinja_options = {"extensions": list(BUILT_IN)}

    app = Own(__name__)
    app.jinja_options["extensions"].append("jinja2.ext.loopcontrols")
    assert "jinja2.ext.LoopControlExtension" in app.jinja_env.extensions
