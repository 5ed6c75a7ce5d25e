"""Responses of what views return."""

from __future__ import annotations

import typing as t
from collections import UserDict, namedtuple
from contextlib import nullcontext
from http import HTTPStatus

import pytest
from markupsafe import Markup
from werkzeug.datastructures import Headers
from werkzeug.exceptions import Forbidden, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from tests.serve.applications import RESULTS, Teapot
from tests.serve.beside import Framework, beside_flask, call, told_alike


class Text(str):
    pass


class Mapping(dict[str, t.Any]):
    pass


Triple = namedtuple("Triple", "body status headers")

MORE: dict[str, t.Callable[[Framework], t.Any]] = {
    "text of a subclass": lambda framework: Text("text"),
    "markup": lambda framework: Markup("<b>"),
    "dict of a subclass": lambda framework: Mapping(a=1),
    "something like a dict": lambda framework: UserDict(a=1),
    "a set": lambda framework: {1},
    "a range": lambda framework: range(3),
    "memory": lambda framework: memoryview(b"memory"),
    "a map": lambda framework: map(str, range(3)),
    "status of http": lambda framework: ("x", HTTPStatus.CREATED),
    "status in bytes": lambda framework: ("x", b"201 Created"),
    "status None": lambda framework: ("x", None),
    "status 0": lambda framework: ("x", 0),
    "status of text digits": lambda framework: ("x", "404"),
    "empty status": lambda framework: ("x", ""),
    "a float status": lambda framework: ("x", 200.0),
    "headers None": lambda framework: ("x", 201, None),
    "empty headers": lambda framework: ("x", []),
    "Headers": lambda framework: ("x", Headers([("X-One", "1"), ("X-One", "2")])),
    "tuple of headers": lambda framework: ("x", (("X-One", "1"),)),
    "headers of numbers": lambda framework: ("x", {"X-One": 1}),
    "named tuple": lambda framework: Triple("x", 201, {"X-One": "1"}),
    "type by headers": lambda framework: ("x", {"content-type": "text/plain"}),
    "dict with a type": lambda framework: ({"a": 1}, {"Content-Type": "application/vnd.api+json"}),
    "response with headers": lambda framework: (
        framework.Response("x", headers={"X-One": "0"}),
        {"X-One": "1"},
    ),
    "response with text status": lambda framework: (framework.Response("x"), "299 Odd"),
    "iterator with both": lambda framework: (iter(["a", "b"]), 201, {"X-One": "1"}),
    "iterator of mixed": lambda framework: iter(["a", b"b"]),
    "generator of nothing": lambda framework: (part for part in ()),
    "exception class": lambda framework: NotFound,
    "exception with a response": lambda framework: Forbidden(response=WerkzeugResponse("mine", 499)),
    "exception with a status": lambda framework: (NotFound("x"), 410),
    "an exception of one's own": lambda framework: Teapot("é <b>"),
    "an exception that is none": lambda framework: ValueError("x"),
    "redirect with a fragment": lambda framework: framework.redirect("/é#ä"),
    "a status without a body": lambda framework: ("x", 204),
    "a dict with a status": lambda framework: ({"a": "é"}, 201),
    "a list with a status": lambda framework: ([1], 404),
    "a dict without a body": lambda framework: ({"a": 1}, 204),
    "bytes with a status": lambda framework: (b"x", 410),
    "bytes that are not sent": lambda framework: (b"x", 304),
    "an unknown status": lambda framework: ("x", 299),
    "a status that is too large": lambda framework: ("x", 1000),
    "a status below all": lambda framework: ("x", -1),
    "a status that is true": lambda framework: ("x", True),
    "a surrogate with a status": lambda framework: ("\ud800", 404),
    "what is not JSON with a status": lambda framework: ({"x": object()}, 404),
    "a status without a length": lambda framework: ("x", 101),
    "werkzeug stream": lambda framework: WerkzeugResponse(iter(["a", "b"]), mimetype="text/csv"),
    "a class": lambda framework: dict,
    "a function": lambda framework: len,
    "True": lambda framework: True,
    "five of a tuple": lambda framework: ("a", 1, {}, 2, 3),
    "an empty tuple": lambda framework: (),
    "nested tuple": lambda framework: (("a", 201), 202),
    "nothing in a tuple": lambda framework: (None, 201, {"X": "1"}),
    "a number in a tuple": lambda framework: (42, 201),
}
ALL = {**RESULTS, **MORE}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("name", ALL)
def test_every_result_is_answered_as_in_flask(name: str, method: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.testing = True
        app.add_url_rule("/", "view", lambda: ALL[name](framework))
        try:
            return call(app, method=method)
        except Exception as error:
            return type(error)

    told_alike(story)


@pytest.mark.parametrize("name", ALL)
def test_every_result_is_seen_by_after_hooks_as_in_flask(name: str) -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []
        app.testing = True
        app.add_url_rule("/", "view", lambda: ALL[name](framework))

        @app.after_request
        def after(response: t.Any) -> t.Any:
            own = type(response) is framework.Response
            log.append(
                (own, response.status, response.status_code, sorted(response.headers), response.mimetype)
            )
            response.headers["X-After"] = "1"
            return response

        try:
            return call(app), log
        except Exception as error:
            return type(error), log

    told_alike(story)


@pytest.mark.parametrize("name", ALL)
def test_make_response_by_hand_makes_what_flask_makes(name: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        with app.test_request_context():
            try:
                response = app.make_response(ALL[name](framework))
                return response.status, sorted(response.headers), response.get_data()
            except Exception as error:
                return type(error)

    told_alike(story)


@pytest.mark.parametrize("active", ["nothing", "an application"])
@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("redirect")])
def test_a_response_is_made_without_a_request_where_flask_needs_none(name: str, active: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        made, make = [], app.make_response
        with app.app_context() if active == "an application" else nullcontext():
            if active == "an application":
                make = framework.make_response
            # The second time, the plan has been made.
            for _ in range(2):
                try:
                    # What is returned is made with the application: ``jsonify`` needs it.
                    response = make(ALL[name](framework))
                    made.append((response.status, sorted(response.headers), response.get_data()))
                except Exception as error:
                    made.append(type(error))
                if active == "an application":
                    continue
                app.test_client().get("/")
        return made

    told_alike(story)


@beside_flask
def test_a_response_is_returned_as_the_very_object(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.test_request_context():
        response = framework.Response("x")
        return app.make_response(response) is response, app.make_response((response, 201)) is response


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "'view'"),
        (("alone",), "tuple must have the form"),
        (42, "it was a int"),
        ((None, 200), "'view'"),
    ],
)
def test_an_invalid_result_is_an_error_that_lists_the_valid_ones(result: object, message: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.testing = True
        app.add_url_rule("/", "view", lambda: result)
        with pytest.raises(TypeError, match=message) as caught:
            call(app)
        return type(caught.value)

    told_alike(story)


# response classes of users


@beside_flask
def test_another_response_class_makes_all_responses(framework: Framework) -> object:
    class Response(framework.Response):  # type: ignore[misc]
        default_mimetype = "text/x-mine"
        default_status = 202

    app = framework.Flask("app")
    app.response_class = Response
    told = []
    for name in (
        "text",
        "dict",
        "exception",
        "another response",
        "WSGI application",
        "generator",
        "redirect",
    ):
        app.view_functions["view"] = lambda name=name: RESULTS[name](framework)
        if not told:
            app.add_url_rule("/", "view")
        app.after_request_funcs[None] = [lambda response: told.append(type(response).__name__) or response]
        told.append(call(app))
    return told


@beside_flask
def test_a_response_class_may_take_its_arguments_as_flask_gives_them(framework: Framework) -> object:
    log: list[object] = []

    class Response(framework.Response):  # type: ignore[misc]
        def __init__(self, response: object = None, **kwargs: object) -> None:
            log.append((type(response).__name__, sorted(kwargs)))
            super().__init__(response, **kwargs)

    app = framework.Flask("app")
    app.response_class = Response
    app.add_url_rule("/<name>", "view", lambda name: RESULTS[name](framework))
    return [call(app, f"/{name}") for name in ("text", "bytes", "dict", "status", "both", "generator")], log


@beside_flask
def test_a_response_class_may_ask_for_status_and_headers(framework: Framework) -> object:
    class Response(framework.Response):  # type: ignore[misc]
        def __init__(self, response: object, status: object, headers: object) -> None:
            super().__init__(response, status, headers)

    app = framework.Flask("app")
    app.response_class = Response
    app.add_url_rule("/", "view", lambda: "text")
    return call(app)


@beside_flask
def test_a_response_class_does_not_make_the_pages_of_exceptions(framework: Framework) -> object:
    """It is their class afterwards, but its constructor has not run."""

    class Response(framework.Response):  # type: ignore[misc]
        def __init__(self, response: t.Any = None, *args: t.Any, **kwargs: t.Any) -> None:
            super().__init__(f"wrapped {response}", *args, **kwargs)

    app = framework.Flask("app")
    app.response_class = Response
    app.add_url_rule("/<name>", "view", lambda name: RESULTS[name](framework))
    return [call(app, path) for path in ("/nowhere/at/all", "/exception", "/text")]


@beside_flask
def test_a_plain_werkzeug_class_will_do(framework: Framework) -> object:
    app = framework.Flask("app")
    app.response_class = WerkzeugResponse
    app.add_url_rule("/<name>", "view", lambda name: RESULTS[name](framework))
    return [call(app, f"/{name}") for name in ("text", "dict", "exception", "response", "both")]


@beside_flask
def test_the_provider_makes_the_response_of_a_dict(framework: Framework) -> object:
    class Provider(framework.json.provider.DefaultJSONProvider):  # type: ignore[misc]
        def response(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            response = super().response(*args, **kwargs)
            response.headers["X-Provider"] = "mine"
            return response

    app = framework.Flask("app")
    app.add_url_rule("/", "view", lambda: {"a": 1})
    told = [call(app)]
    app.json = Provider(app)
    told.append(call(app))
    app.json = framework.json.provider.DefaultJSONProvider(app)
    app.json.response = lambda *args, **kwargs: framework.Response("patched")
    return [*told, call(app)]


@beside_flask
def test_a_405_is_flasks_with_its_headers_in_order(framework: Framework) -> object:
    app, told = framework.Flask("app"), []

    def view(**values: t.Any) -> str:
        return "view"

    app.add_url_rule("/read", "read", view, methods=["GET"])
    app.add_url_rule("/write", "write", view, methods=["POST", "PUT"])
    app.add_url_rule("/both/<name>", "get", view, methods=["GET"])
    app.add_url_rule("/both/<int:name>", "put", view, methods=["PUT"])
    for handler in (None, lambda error: error, lambda error: (error.description, 405, {"Allow": "X"})):
        if handler is not None:
            app.error_handler_spec.setdefault(None, {}).setdefault(405, {})[MethodNotAllowed] = handler
        for path in ("/read", "/write", "/both/1", "/both/x"):
            told += [call(app, path, method=method) for method in ("DELETE", "PATCH", "HEAD", "get")]
    # Allow is written from a set, in any order.
    return [
        (status, [(name, sorted(value.split(", "))) for name, value in headers], body)
        for status, headers, body in told
    ]


@pytest.mark.parametrize("methods", [None, [], ["GET"], ("GET", "PUT"), {"GET"}, "GET", ["a\r\nb: c"], [1]])
@pytest.mark.parametrize("described", [None, "No."])
def test_a_405_that_a_view_raises_is_flasks(methods: t.Any, described: str | None) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")

        @app.get("/")
        def view() -> t.NoReturn:
            raise MethodNotAllowed(methods, described)

        app.logger.disabled = True
        answer = call(app, "/")
        return answer if answer.status.startswith("405") else 500

    told_alike(story)
