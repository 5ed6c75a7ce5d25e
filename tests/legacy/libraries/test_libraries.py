"""The names of other packages come with "+libraries", and go again."""

from __future__ import annotations

import subprocess
import sys

import pytest

import erlen.legacy
from erlen.legacy import notices

from .conftest import Says

ASK = """
import warnings; warnings.simplefilter("ignore")
import erlen.legacy, werkzeug.urls, collections
erlen.legacy.install({level!r})
asked = (werkzeug.urls, "url_quote"), (collections, "Mapping"), (werkzeug.urls, "url_nothing")
print(*(hasattr(*each) for each in asked))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "answer"),
    [
        ("1.1+libraries", "True True False"),
        ("2.2+libraries", "True True False"),
        ("1.1", "False False False"),
    ],
)
def test_they_come_when_they_are_asked_for(says: Says, level: str, answer: str) -> None:
    assert says(ASK.format(level=level)) == answer


def test_they_go_with_the_layer() -> None:
    import werkzeug.security

    notices.forget()
    remove = erlen.legacy.install("1.1+libraries")
    with pytest.warns(DeprecationWarning, match="'werkzeug.security.safe_str_cmp' was removed"):
        assert werkzeug.security.safe_str_cmp("a", "a")  # type: ignore[attr-defined]
    finders = len(sys.meta_path)
    remove()
    assert not hasattr(werkzeug.security, "safe_str_cmp")
    assert len(sys.meta_path) < finders
    assert "werkzeug.contrib.cache" not in sys.modules


def test_asking_twice_is_asking_once(says: Says) -> None:
    code = """
import sys, erlen.legacy
erlen.legacy.install("1.1+libraries")
before = list(sys.meta_path)
erlen.legacy.install("1.1+libraries")
print(sys.meta_path == before)
"""
    assert says(code) == "True"


@pytest.mark.slow
def test_an_environment_variable_is_enough_for_a_program() -> None:
    code = (
        "import flask, warnings; warnings.simplefilter('ignore'); from jinja2 import Markup; print(Markup(1))"
    )
    env = {"ERLEN_AS_FLASK": "1", "ERLEN_LEGACY": "1.1+libraries"}
    done = subprocess.run(
        [sys.executable, "-c", "import erlen.as_flask;" + code], env=env, capture_output=True, text=True
    )
    assert done.stdout.strip() == "1", done.stderr
