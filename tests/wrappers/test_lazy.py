"""Attributes of a request are made when they are read, limits included."""

from __future__ import annotations

import pytest

import erlen
from erlen import Erlen
from tests.serve.beside import Framework, call, environ, told_alike

# the body, in any order


LIMITS = ("max_content_length", "max_form_memory_size", "max_form_parts")


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_the_requests_own_or_the_applications(name: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        request = framework.Request(environ())
        told = [getattr(request, name), isinstance(getattr(framework.Request, name), property) or True]
        with app.test_request_context():
            told.append(getattr(framework.request, name))
            app.config[name.upper()] = 7
            told.append(getattr(framework.request, name))
            setattr(framework.request, name, 5)
            told.append(getattr(framework.request, name))
            setattr(framework.request, name, 0)
            told.append(getattr(framework.request, name))
            setattr(framework.request, name, None)
            told.append(getattr(framework.request, name))
        sub = type("Mine", (framework.Request,), {name: 3})
        app.request_class = sub
        with app.test_request_context():
            told.append(getattr(framework.request, name))
        return told

    told_alike(story)


@pytest.mark.parametrize(
    ("name", "limit", "data"),
    [
        ("max_content_length", 3, {"x": "1234"}),
        ("max_form_memory_size", 3, {"x": "1234"}),
        ("max_form_parts", 1, {"x": "1", "y": "2"}),
    ],
)
@pytest.mark.parametrize("by", ["config", "hook", "view"])
@pytest.mark.parametrize("multipart", [True, False])
def test_a_body_beyond_its_limit_is_refused(
    name: str, limit: int, data: dict[str, str], by: str, multipart: bool
) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")

        def set_limit() -> None:
            setattr(framework.request, name, limit)

        if by == "config":
            app.config[name.upper()] = limit
        if by == "hook":
            app.before_request(set_limit)

        @app.post("/")
        def view() -> str:
            if by == "view":
                set_limit()
            return str(sorted(framework.request.form))

        content_type = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
        return call(app, method="POST", data=data, content_type=content_type)

    told_alike(story)


def test_attributes_of_a_request_are_made_when_they_are_read() -> None:
    request = erlen.Request(environ("/path"))
    assert sorted(vars(request)) == ["environ", "shallow"]
    assert request.path == "/path"
    assert request.headers is request.headers
    assert {"path", "headers"} < set(vars(request))


def test_the_application_is_asked_for_a_limit_when_it_is_read() -> None:
    app = Erlen("app")
    request = erlen.Request(environ())
    with app.app_context():
        app.config["MAX_CONTENT_LENGTH"] = 9
        assert request.max_content_length == 9
    assert request.max_content_length is None
