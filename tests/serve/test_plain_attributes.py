"""The attributes of contexts take what plain ones take: they are set, deleted, listed and mocked."""

from __future__ import annotations

import typing as t
from unittest import mock

import pytest

from erlen import Erlen
from tests.serve.beside import Framework, beside_flask, outcome

OF_A_REQUEST = ["app", "request", "url_adapter", "flashes", "_session", "_after_request_functions"]
OF_AN_APPLICATION = ["app", "g", "url_adapter"]


def application(framework: Framework) -> t.Any:
    app = framework.Flask("app", static_folder=None)
    app.secret_key = "secret"
    app.testing = True
    return app


def request_context(framework: Framework, pushed: bool) -> t.Any:
    context = application(framework).test_request_context("/")
    if pushed:
        context.push()
    return context


def app_context(framework: Framework, pushed: bool) -> t.Any:
    context = application(framework).app_context()
    if pushed:
        context.push()
    return context


MADE = [
    *[(request_context, name) for name in OF_A_REQUEST],
    *[(app_context, name) for name in OF_AN_APPLICATION],
]

each_attribute = pytest.mark.parametrize(("make", "name"), MADE)
pushed_or_not = pytest.mark.parametrize("pushed", [True, False])


def ended(context: t.Any, pushed: bool, told: object) -> object:
    if pushed:
        context.pop()
    return told


@pushed_or_not
@each_attribute
@beside_flask
def test_a_mock_takes_the_place_of_an_attribute_and_gives_it_back(
    framework: Framework, make: t.Any, name: str, pushed: bool
) -> object:
    context = make(framework, pushed)
    before = getattr(context, name)
    with mock.patch.object(context, name) as stand_in:
        during = getattr(context, name) is stand_in
    return ended(context, pushed, (during, getattr(context, name) is before))


@pushed_or_not
@each_attribute
@beside_flask
def test_what_was_deleted_is_missing_until_it_is_set_again(
    framework: Framework, make: t.Any, name: str, pushed: bool
) -> object:
    context = make(framework, pushed)
    before = getattr(context, name)
    delattr(context, name)
    told = [
        outcome(getattr, context, name),
        outcome(delattr, context, name),
        hasattr(context, name),
        name in vars(context),
    ]
    setattr(context, name, before)
    told += [getattr(context, name) is before, name in vars(context)]
    return ended(context, pushed, told)


@each_attribute
@beside_flask
def test_an_attribute_can_be_deleted_before_it_was_read(
    framework: Framework, make: t.Any, name: str
) -> object:
    context = make(framework, False)
    delattr(context, name)
    return outcome(getattr, context, name), name in vars(context)


@pushed_or_not
@each_attribute
@beside_flask
def test_vars_lists_an_attribute_that_was_not_read(
    framework: Framework, make: t.Any, name: str, pushed: bool
) -> object:
    context = make(framework, pushed)
    listed = vars(context)[name]
    return ended(context, pushed, listed is getattr(context, name))


@pushed_or_not
@pytest.mark.parametrize("make", [request_context, app_context])
@beside_flask
def test_vars_lists_what_others_have_set_and_can_set_it(
    framework: Framework, make: t.Any, pushed: bool
) -> object:
    context = make(framework, pushed)
    context.mine = 1
    vars(context)["yours"] = 2
    told = [vars(context)["mine"], context.yours]
    del context.mine
    return ended(context, pushed, [*told, "mine" in vars(context), hasattr(context, "mine")])


@pytest.mark.parametrize("second", [False, True])
@beside_flask
def test_a_request_is_replaced_while_it_is_handled(framework: Framework, second: bool) -> object:
    app = application(framework)

    @app.route("/")
    def index() -> str:
        context = framework.globals.request_ctx._get_current_object()
        with mock.patch.object(context, "request") as stand_in:
            stand_in.path = "/mocked"
            during = framework.request.path
        return f"{during} {framework.request.path}"

    client = app.test_client()
    if second:
        client.get("/")
    return client.get("/").text


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_a_request_that_came_by_either_protocol_is_replaced(protocol: str) -> None:
    app = Erlen("app", static_folder=None)

    @app.route("/")
    def index() -> str:
        from erlen.globals import request, request_ctx

        context: t.Any = request_ctx._get_current_object()
        before = context.request
        with mock.patch.object(context, "request") as stand_in:
            stand_in.path = "/mocked"
            during = request.path
        assert context.request is before
        return f"{during} {request.path}"

    client = app.test_client(protocol=protocol)
    assert [client.get("/").text for _ in range(2)] == ["/mocked /"] * 2


@beside_flask
def test_the_functions_after_a_request_can_be_replaced(framework: Framework) -> object:
    app = application(framework)

    def mark(response: t.Any) -> t.Any:
        response.headers["X-Mark"] = "1"
        return response

    @app.route("/")
    def index() -> str:
        framework.globals.request_ctx._after_request_functions = [mark]
        return "text"

    return app.test_client().get("/").headers.get("X-Mark")
