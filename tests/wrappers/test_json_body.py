"""JSON in a body is read as in Flask: by the application's provider, and once."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from erlen import Erlen, request
from tests.serve.beside import Framework, beside_flask, environ, told_alike


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b"\xff", b'{"a": 1}'])
@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.x+json", "text/plain", None])
def test_json_is_read_as_in_flask(debug: bool, body: bytes, content_type: str | None) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.debug = debug
        told: list[object] = []
        with app.test_request_context(method="POST", data=body, content_type=content_type):
            request = framework.request
            for read in (
                lambda: request.json,
                request.get_json,
                lambda: request.get_json(force=True),
                lambda: request.get_json(silent=True),
                lambda: request.get_json(force=True, silent=True, cache=False),
            ):
                try:
                    told.append(read())
                except (BadRequest, UnsupportedMediaType) as error:
                    told.append((type(error).__name__, error.description))
        return told

    told_alike(story)


@beside_flask
def test_json_is_read_by_the_applications_provider(framework: Framework) -> object:
    class Provider(framework.json.provider.DefaultJSONProvider):  # type: ignore[misc]
        def loads(self, s: t.Any, **kwargs: t.Any) -> object:
            return "mine"

    app = framework.Flask("app")
    app.json = Provider(app)
    with app.test_request_context(method="POST", json={}):
        told = [framework.request.json, framework.request.json_module is app.json]
    outside = framework.Request(environ(method="POST", json=[1]))
    return [*told, outside.json]


@pytest.mark.parametrize("silent", [False, True])
def test_json_that_is_nested_too_deep_is_a_bad_request(silent: bool) -> None:
    app = Erlen("app")
    deep = b"[" * 100_000
    with app.test_request_context(method="POST", data=deep, content_type="application/json"):
        if silent:
            assert request.get_json(silent=True) is None
        else:
            with pytest.raises(BadRequest):
                request.get_json()


@beside_flask
def test_json_that_was_read_is_kept(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.test_request_context(method="POST", json={"a": [1]}):
        first = framework.request.json
        return first, framework.request.json is first, framework.request.get_json(cache=False) is first
