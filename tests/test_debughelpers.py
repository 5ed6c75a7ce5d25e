"""Mistakes are explained while developing."""

from __future__ import annotations

import logging
import typing as t
from pathlib import Path

import jinja2
import pytest

import erlen
from erlen import Blueprint, Erlen
from erlen.debughelpers import (
    DebugFilesKeyError,
    FormDataRoutingRedirect,
    UnexpectedUnicodeError,
    describe,
    explain_template_loading_attempts,
)


@pytest.fixture
def app(tmp_path: Path) -> Erlen:
    app = Erlen("explained", root_path=str(tmp_path))
    app.debug = True
    app.testing = True
    app.add_url_rule("/upload", "upload", lambda: erlen.request.files["file"].filename, methods=["POST"])
    app.add_url_rule("/folder/", "folder", lambda: "posted", methods=["GET", "POST"])
    return app


def test_a_form_that_sends_names_instead_of_files_is_explained(app: Erlen) -> None:
    with pytest.raises(DebugFilesKeyError) as caught:
        app.test_client().post("/upload", data={"file": "holiday.jpg"})
    text = str(caught.value)
    assert "'file'" in text
    assert "'application/x-www-form-urlencoded'" in text
    assert "no file contents were transmitted" in text
    assert 'enctype="multipart/form-data"' in text
    assert "This was submitted: 'holiday.jpg'" in text
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, AssertionError)


def test_a_file_that_was_not_in_the_form_at_all_is_a_bad_request(app: Erlen) -> None:
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    assert app.test_client().post("/upload", data={"other": "x"}).status_code == 400


def test_a_form_that_is_right_needs_no_explanation(app: Erlen) -> None:
    import io

    response = app.test_client().post("/upload", data={"file": (io.BytesIO(b"x"), "a.txt")})
    assert response.text == "a.txt"


def test_files_that_explain_themselves_are_still_the_same_class_by_name(app: Erlen) -> None:
    with app.test_request_context("/", method="POST", data={"file": "x"}):
        files = erlen.request.files
        assert type(files).__name__ == "ImmutableMultiDict"
        assert type(files).__module__ == "werkzeug.datastructures.structures"
        assert isinstance(files, __import__("werkzeug").datastructures.ImmutableMultiDict)
        assert files.get("file") is None


def test_outside_of_debug_mode_files_do_not_explain_themselves(app: Erlen) -> None:
    app.debug = False
    app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    assert app.test_client().post("/upload", data={"file": "x"}).status_code == 400


def test_a_redirect_that_would_lose_the_form_is_explained(
    app: Erlen, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Werkzeug redirects with 308; only other statuses lose the form.
    monkeypatch.setattr("werkzeug.routing.exceptions.RequestRedirect.code", 301)
    with pytest.raises(FormDataRoutingRedirect) as caught:
        app.test_client().post("/folder", data={"a": "1"})
    text = str(caught.value)
    assert "'http://localhost/folder'" in text
    assert "canonical URL 'http://localhost/folder/'" in text
    assert "ends with a slash" in text
    assert "307 or 308" in text


def test_a_redirect_for_another_reason_does_not_speak_of_slashes(app: Erlen) -> None:
    class Redirected:
        url = base_url = "http://localhost/a//b"
        routing_exception = __import__("werkzeug").routing.RequestRedirect("http://localhost/a/b")

    assert "slash" not in str(FormDataRoutingRedirect(t.cast(t.Any, Redirected)))


def test_unexpected_text_is_an_assertion_and_a_unicode_error() -> None:
    assert UnexpectedUnicodeError.__mro__[1:3] == (AssertionError, UnicodeError)


# templates


def explanation(app: Erlen, attempts: list[t.Any], caplog: pytest.LogCaptureFixture) -> str:
    caplog.clear()
    with caplog.at_level(logging.INFO):
        explain_template_loading_attempts(app, "page.html", attempts)
    return caplog.messages[0]


class Strange(jinja2.BaseLoader):
    def __init__(self) -> None:
        self.text, self.number, self._hidden, self.odd = "text", 5, "hidden", object()
        self.folders, self.mixed = ("/a", "/b"), ["a", 1]


def test_an_explanation_lists_each_attempt(app: Erlen, caplog: pytest.LogCaptureFixture) -> None:
    blueprint = Blueprint("admin", "package.admin")
    found = ("source", "/b/page.html", None)
    attempts = [
        (jinja2.FileSystemLoader("/a"), app, None),
        (Strange(), blueprint, found),
        (jinja2.DictLoader({}), 5, None),
    ]
    assert explanation(app, attempts, caplog).splitlines() == [
        "Locating template 'page.html':",
        "    1: trying loader of application 'explained'",
        "       class: jinja2.loaders.FileSystemLoader",
        "       encoding: 'utf-8'",
        "       followlinks: False",
        "       searchpath:",
        "         - /a",
        "       -> no match",
        "    2: trying loader of blueprint 'admin' (package.admin)",
        f"       class: {__name__}.Strange",
        "       folders:",
        "         - /a",
        "         - /b",
        "       number: 5",
        "       text: 'text'",
        "       -> found ('/b/page.html')",
        "    3: trying loader of 5",
        "       class: jinja2.loaders.DictLoader",
        "       -> no match",
    ]


def test_an_explanation_doubts_none_and_several(app: Erlen, caplog: pytest.LogCaptureFixture) -> None:
    loader, found = jinja2.DictLoader({}), ("source", None, None)
    once = explanation(app, [(loader, app, found)], caplog)
    assert "found ('<string>')" in once
    assert "Warning" not in once
    assert "multiple loaders returned a match" in explanation(app, [(loader, app, found)] * 2, caplog)
    assert "the template could not be found" in explanation(app, [], caplog)


def test_an_explanation_names_the_blueprint_that_asked(app: Erlen, caplog: pytest.LogCaptureFixture) -> None:
    blueprint = Blueprint("admin", __name__)
    texts: list[str] = []
    blueprint.add_url_rule("/", "index", lambda: str(texts.append(explanation(app, [], caplog))))
    app.register_blueprint(blueprint)
    app.test_client().get("/")
    assert "belongs to the blueprint 'admin'" in texts[0]
    assert "https://flask.palletsprojects.com/blueprints/#templates" in texts[0]


def test_who_has_templates_is_described(app: Erlen) -> None:
    assert describe(app, app) == "application 'explained'"
    assert describe(Blueprint("admin", "package.admin"), app) == "blueprint 'admin' (package.admin)"
    assert describe(5, app) == "5"
