"""Extensions of Jinja whose statements are built in change nothing."""

from __future__ import annotations

import pytest
from jinja2 import Environment

from erlen.legacy.libraries.jinja_extensions import autoescape, with_

SOURCE = "{% with a = 1 %}{{ a }}{% endwith %}{% autoescape true %}{{ '<' }}{% endautoescape %}"


@pytest.mark.usefixtures("layer")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "extensions", [[], [with_, autoescape], ["jinja2.ext.with_", "jinja2.ext.autoescape"]]
)
def test_an_environment_takes_them(extensions: list[str]) -> None:
    assert Environment(extensions=extensions).from_string(SOURCE).render() == "1&lt;"
