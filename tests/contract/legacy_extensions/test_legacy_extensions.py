"""Releases of extensions from Flask 1.1's time run on Erlen as on the Flask that they were written for.

One small application with each: it uses the extension's main features, is asked several requests, and prints
what was answered. With the legacy layer the answers are those of Flask 1.1.4, without it those of 3.1.3.
"""

from __future__ import annotations

import pytest

from ..environment import Environment
from . import sides
from .sides import ERLEN, LEGACY, Answers

pytestmark = [pytest.mark.contract, pytest.mark.timeout(900)]

WITH_LAYER: dict[str, tuple[str, ...]] = {
    "script": (),
    "sqlalchemy": (),
    "login": (),
    "wtf": (),
    "restful": (),
    "restplus": ("werkzeug-0.16", "python39"),
    "jwt": ("python39",),
    "jsonrpc": (),
    "kvsession": (),
    "session": (),
    "menu": (),
    "assets": (),
    "seasurf": (),
    "admin": (),
    "debugtoolbar": (),
    "mongoengine": (),
    "cache": ("flask-0.12",),
    "uploads": ("werkzeug-0.16",),
    "autodoc": ("flask-0.12",),
    "classy": (),
    "nav": ("python39",),
    "mako": (),
    "markdown": (),
    "gravatar": (),
    "sijax": (),
    "babelex": (),
    "mobility": (),
    "cas": (),
    "mysqldb": (),
    "httpauth": (),
    "moment": (),
    "images": (),
    "caching": (),
}
"""The extensions that need old names, and what Flask 1.1.4 with Werkzeug 1.0.1 lacks for them."""

REFUSED = {
    "restplus": "cannot import name 'cached_property' from 'werkzeug'",
    "jwt": "cannot import name 'Mapping' from 'collections'",
    "cache": "cannot import name 'import_string' from 'werkzeug'",
    "uploads": "cannot import name 'secure_filename' from 'werkzeug'",
    "autodoc": "No module named 'flask.ext'",
    "nav": "module 'collections' has no attribute 'MutableMapping'",
}
"""What Flask 1.1.4 with Werkzeug 1.0.1 on Python 3.10 says of the extensions that it does not run itself."""

WITHOUT_LAYER = (
    *("bootstrap", "via", "babel", "pymongo", "openid", "sslify"),
    *("principal", "cors", "mail", "compress", "talisman", "sse"),
)


@pytest.fixture(scope="session")
def then() -> Environment:
    """The environment of Flask 1.1.4."""
    python = sides.python_3_10()
    if python is None:
        pytest.skip("There is no Python 3.10, on which Flask 1.1.4's libraries and today's both run.")
    return sides.then(python)


@pytest.fixture(scope="session")
def now(then: Environment, environment: Environment) -> Environment:
    """The environment of Flask 3.1.3 and of Erlen."""
    python = sides.python_3_10()
    assert python is not None
    return sides.now(python, wheel_of=environment)


@pytest.mark.parametrize("name", WITH_LAYER)
def test_with_the_layer_an_old_extension_answers_as_on_flask_1_1(
    name: str, then: Environment, now: Environment
) -> None:
    on_flask, on_erlen = sides.run_both(name, (then, sides.paths(then, WITH_LAYER[name])), (now, LEGACY))
    assert_equal_answers(on_flask, on_erlen)


@pytest.mark.parametrize(("name", "older"), [("libraries", ()), ("werkzeug", ("werkzeug-0.16",))])
def test_old_names_of_libraries_give_what_they_gave(
    name: str, older: tuple[str, ...], then: Environment, now: Environment
) -> None:
    on_flask, on_erlen = sides.run_both(name, (then, sides.paths(then, older)), (now, LEGACY))
    assert_equal_answers(on_flask, on_erlen)


@pytest.mark.parametrize("name", WITHOUT_LAYER)
def test_without_the_layer_an_extension_answers_as_on_flask_3(name: str, now: Environment) -> None:
    on_flask, on_erlen = sides.run_both(name, (now, {}), (now, ERLEN))
    assert_equal_answers(on_flask, on_erlen)


@pytest.mark.parametrize("name", REFUSED)
def test_some_extensions_do_not_run_on_flask_1_1_either(name: str, then: Environment) -> None:
    refused = sides.run(name, then, {})
    assert refused.failed
    assert REFUSED[name] in refused.output


def test_flask_3_refuses_what_the_layer_brings_back(now: Environment) -> None:
    """The layer is what makes these run: without it Erlen says the same as Flask 3.1.3."""
    for answers in sides.run_both("login", (now, {}), (now, ERLEN)):
        assert answers.failed
        assert "cannot import name '_request_ctx_stack'" in answers.output


def assert_equal_answers(on_flask: Answers, on_erlen: Answers) -> None:
    assert on_flask.framework == "flask"
    assert on_erlen.framework == "erlen"
    assert not on_flask.failed, on_flask.output
    assert not on_erlen.failed, on_erlen.output
    assert len(on_flask.entries) >= 3, on_flask.output
    assert not on_flask.broken, on_flask.output
    assert on_erlen.entries == on_flask.entries, on_erlen.output
