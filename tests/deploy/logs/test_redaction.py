"""What a request, the configuration and the environment have to hide is known when a record is written."""

from __future__ import annotations

import pytest

from erlen import Erlen, request
from erlen.deploy.logs.exchange import Exchange, current
from erlen.deploy.logs.hidden import Hidden
from erlen.deploy.logs.redaction import Redaction


def secrets(config: dict[str, object] | None = None) -> tuple[str, ...]:
    return Redaction(Hidden(), config or {}).secrets()


def test_outside_of_requests_they_are_those_of_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "of the environment")
    found = secrets({"SECRET_KEY": "of the configuration"})
    assert {"of the environment", "of the configuration"} <= set(found)
    assert list(found) == sorted(found, key=len, reverse=True)


def test_a_configuration_that_changes_is_read_again() -> None:
    config = Erlen("shop").config
    redaction = Redaction(Hidden(), config)
    assert "changed later" not in redaction.secrets()
    config["SECRET_KEY"] = "changed later"
    assert "changed later" in redaction.secrets()
    assert redaction.secrets() is redaction.secrets()


def test_a_request_has_headers_and_a_query_to_hide() -> None:
    environ = {"HTTP_AUTHORIZATION": "Bearer of-header", "QUERY_STRING": "token=of-query&a=b"}
    token = current.set(Exchange(None, environ))
    try:
        assert {"of-header", "of-query"} <= set(secrets())
    finally:
        current.reset(token)


def test_a_request_without_the_middleware_hides_the_same() -> None:
    with Erlen("shop").test_request_context("/?token=of-query", headers={"Cookie": "session=of-cookie"}):
        assert {"of-query", "of-cookie"} <= set(secrets())


def test_a_form_and_json_are_hidden_once_they_have_been_read() -> None:
    app = Erlen("shop")
    with app.test_request_context(method="POST", data={"password": "of-form", "user": "some-user"}):
        assert "of-form" not in secrets()
        assert request.form
        assert "of-form" in secrets()
        assert "some-user" not in secrets()
    with app.test_request_context(method="POST", json={"login": {"password": "of-json"}}):
        assert request.get_json()
        assert "of-json" in secrets()


def test_the_body_is_not_read_for_a_record() -> None:
    with Erlen("shop").test_request_context(method="POST", data={"password": "of-form"}) as context:
        secrets()
        assert "form" not in vars(context.request)
