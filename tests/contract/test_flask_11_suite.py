"""Flask 1.1.4's own tests, as its source distribution ships them, pass on Erlen with the legacy layer.

Flask 1.1.4 itself cannot be imported with the oldest libraries that Erlen takes (it imports `escape` from
Jinja, which 3.1 removed). So it runs with the libraries of its time, and Erlen with the oldest that it takes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from . import environment as environments
from . import sources, suites
from .environment import Environment
from .suites import Run, Suite

pytestmark = [pytest.mark.contract, pytest.mark.timeout(600)]

SUITE = Suite("flask-11-suite", source="flask==1.1.4", without=("src", "docs", "examples"))

_WERKZEUG = "Werkzeug 2 and 3 do it differently: "
_WORDS = "The error is the same; its words are Erlen's own."
_ONCE = "The layer warned when the name was imported, and warns once."
_PRESERVED = (
    "Flask 1.1 kept a failed request's context, and that of a `with client:` block, pushed and not torn down,"
    " until the next request. Contexts end as in Flask 3 here: each in its request."
)
_TEXT_FILE = _WERKZEUG + "a file to be sent has to be binary. With 1.1 a server refused the text later."

EXCEPTIONS: dict[str, str] = {
    f"tests/test_{name}": reason
    for reason, names in {
        _PRESERVED: (
            "basic.py::test_preserve_only_once",
            "basic.py::test_preserve_remembers_exception",
            "signals.py::test_appcontext_signals",
            "signals.py::test_appcontext_tearing_down_signal",
            "testing.py::test_test_client_calls_teardown_handlers",
        ),
        _WERKZEUG + "a cookie's domain is written without the dot before it, which browsers ignore.": (
            "basic.py::test_session_using_server_name",
            "basic.py::test_session_using_server_name_and_port",
            "basic.py::test_session_using_session_settings",
        ),
        _WERKZEUG + "a redirect that would lose the form is a 308, which keeps it.": (
            "basic.py::test_routing_redirect_debugging",
        ),
        _WERKZEUG + "there is no 'werkzeug.__version__'.": (
            "cli.py::test_get_version",
            "testing.py::test_environ_base_default",
        ),
        _WERKZEUG + "rules match in another order, which this command shows.": (
            "cli.py::TestRoutes::test_sort",
        ),
        _WERKZEUG + "URLs are UTF-8; a map has no 'charset'.": (
            "helpers.py::TestJSON::test_modified_url_encoding",
        ),
        _WERKZEUG + "dates that it parses are aware of their time zone.": (
            "json_tag.py::test_dump_load_unchanged[data9]",
        ),
        _TEXT_FILE: (
            "helpers.py::TestSendfile::test_send_file_last_modified",
            "helpers.py::TestSendfile::test_send_file_object",
            "helpers.py::TestSendfile::test_attachment",
        ),
        _WERKZEUG + "a file without a name and a type is a TypeError, not a ValueError.": (
            "helpers.py::TestSendfile::test_send_file_object_without_mimetype",
        ),
        "A certificate made for a moment takes 'cryptography' today, not 'OpenSSL'.": (
            "cli.py::test_run_cert_adhoc",
        ),
        "It replaces 'flask.cli.ssl', which was removed with Flask 3.1.": ("cli.py::test_run_cert_no_ssl",),
        "It replaces 'flask.cli.dotenv', which Erlen looks up in the function that needs it.": (
            "cli.py::test_dotenv_optional",
        ),
        "The test before it, test_dotenv_optional, leaves a variable behind.": (
            "cli.py::test_disable_dotenv_from_env",
        ),
        "'.env' files do not change the working folder since Flask 2.0.": ("cli.py::test_load_dotenv",),
        "An unknown error code is a ValueError since Flask 2.2, not a KeyError.": (
            "basic.py::test_error_handler_unknown_code",
        ),
        "An endpoint with a dot is a ValueError since Flask 2.0.1, not an AssertionError.": (
            "blueprints.py::test_route_decorator_custom_endpoint_with_dots",
        ),
        "A client without cookies is a TypeError since Flask 2.3, not a RuntimeError.": (
            "testing.py::test_session_transaction_needs_cookies",
        ),
        "Headers that a view returns replace those of its response since Flask 2.0.": (
            "basic.py::test_response_types",
        ),
        "'flask.session.accessed' is true since Flask 3.1.3: the proxy is what accesses the session.": (
            "basic.py::test_session",
        ),
        "A scheme makes a URL external since Flask 2.2; it was an error before.": (
            "helpers.py::TestUrlFor::test_url_for_with_scheme_not_external",
        ),
        _WORDS: (
            "basic.py::test_enctype_debug_helper",
            "basic.py::test_jsonify_args_and_kwargs_check",
            "basic.py::test_debug_mode_complains_after_first_request",
            "templating.py::test_template_loader_debugging",
        ),
        _ONCE: (
            "deprecations.py::test_json_available",
            "testing.py::test_make_test_environ_builder",
        ),
        "Flask 1.1 warned those who came from 0.12 of the logging that 1.0 had changed.": (
            "logging.py::test_warn_old_config",
        ),
        "It reads the private storage of the stack to count what is left in it.": (
            "regression.py::test_memory_consumption",
        ),
    }.items()
    for name in names
}
"""Tests that pass on Flask 1.1.4 and not here, with the reason. Each really fails."""

NOT_ON_FLASK_EITHER = {"tests/test_meta.py::test_changelog_utf8_compatible"}
"""It reads a file that the distribution does not contain."""


@pytest.fixture(scope="module")
def old_flask() -> Environment:
    return environments.prepare_other("flask11")


@pytest.fixture(scope="module")
def source(old_flask: Environment) -> Path:
    return sources.unpacked(SUITE.source, old_flask)


@pytest.fixture(scope="module")
def on_flask(source: Path, old_flask: Environment) -> Run:
    return suites.run(SUITE, source, "flask", old_flask)


@pytest.fixture(scope="module")
def on_erlen(source: Path, environment: Environment) -> Run:
    oldest = environments.prepare_other("oldest")
    oldest.install_wheel_of(environment)
    return suites.run(SUITE, source, "erlen", oldest, {"ERLEN_LEGACY": "1.1"})


def test_the_measure_holds_on_flask_1_1(on_flask: Run) -> None:
    assert on_flask.identity["class"] == "flask.app.Flask"
    assert on_flask.finished, on_flask.output
    failed = on_flask.with_outcome("failed") - NOT_ON_FLASK_EITHER
    # Two cookies too large are counted by warnings, of which Python 3.12 and newer give more.
    failed -= {"tests/test_basic.py::test_max_cookie_size"}
    assert not failed, on_flask.explain(failed)
    assert len(on_flask.with_outcome("passed")) > 530


def test_each_test_that_passes_on_flask_1_1_passes_on_erlen(on_flask: Run, on_erlen: Run) -> None:
    assert on_erlen.identity.get("is_erlen"), f"{on_erlen.identity}\n{on_erlen.output}"
    assert on_erlen.finished, on_erlen.output
    wanted, passed = _passed(on_flask, "flask"), _passed(on_erlen, "erlen")
    missed = wanted - passed - EXCEPTIONS.keys()
    print(f"{len(wanted & passed)} of the {len(wanted)} tests that pass on Flask 1.1.4 pass on Erlen")
    assert not missed, on_erlen.explain(missed)


def _passed(run: Run, framework: str) -> set[str]:
    """Give the tests that passed; the names of some have the folder of the run in them."""
    return {test.replace(f"{SUITE.name}-{framework}", SUITE.name) for test in run.with_outcome("passed")}


def test_each_exception_really_fails(on_erlen: Run) -> None:
    assert on_erlen.with_outcome("failed") >= EXCEPTIONS.keys()
