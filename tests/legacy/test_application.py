"""Attributes and methods of applications and contexts."""

from __future__ import annotations

from typing import Any

import pytest

from erlen import Flask, g
from erlen.active import cv_request

pytestmark = pytest.mark.usefixtures("of_1_1")


@pytest.fixture
def app() -> Any:
    app = Flask(__name__)
    app.secret_key = "key"
    return app


def test_what_depends_on_debug_mode_and_testing(app: Any) -> None:
    names = ("propagate_exceptions", "preserve_context_on_exception", "templates_auto_reload")
    assert [getattr(app, name) for name in names] == [False, False, False]
    app.testing = True
    assert [getattr(app, name) for name in names] == [True, False, False]
    app.testing, app.debug = False, True
    assert [getattr(app, name) for name in names] == [True, True, True]
    app.config.update(
        PROPAGATE_EXCEPTIONS=False, PRESERVE_CONTEXT_ON_EXCEPTION=False, TEMPLATES_AUTO_RELOAD=False
    )
    assert [getattr(app, name) for name in names] == [False, False, False]


def test_reloading_of_templates_can_be_set(app: Any) -> None:
    app.templates_auto_reload = True
    assert app.config["TEMPLATES_AUTO_RELOAD"] is True
    assert app.jinja_env.auto_reload is True


def test_the_session_through_the_application(app: Any) -> None:
    with app.test_request_context() as context:
        session = app.open_session(context.request)
        session["a"] = 1
        response = app.response_class()
        app.save_session(session, response)
        assert response.headers["Set-Cookie"].startswith("session=")
        with pytest.raises(RuntimeError):
            app.make_null_session()["a"] = 1


def test_set_up_is_closed_after_the_first_request_in_debug_mode_only(app: Any) -> None:
    app.test_client().get("/")
    app.add_url_rule("/late", "late", lambda: "late")
    assert app.test_client().get("/late").text == "late"
    app.debug = True
    with pytest.raises(AssertionError, match="after its first request"):
        app.add_url_rule("/later", "later", lambda: "")


def test_a_request_context_has_g_and_ends_by_auto_pop(app: Any) -> None:
    ended = []
    app.teardown_request(ended.append)
    context = app.test_request_context()
    context.push()
    g.name = "of g"
    assert context.g.name == "of g"
    replaced = app.app_ctx_globals_class()
    context.g = replaced
    assert context.g is g._get_current_object() is replaced
    assert context.preserved is False
    error = ValueError("reason")
    context.auto_pop(error)
    assert ended == [error]
    assert cv_request.get(None) is None


def test_an_old_attribute_of_a_context_leaves_the_session_closed(app: Any) -> None:
    with app.test_request_context() as context:
        context.opened_session = None
        assert context.preserved is False
        assert context.opened_session is None
