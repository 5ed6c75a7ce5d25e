"""Class-based views: one object per request, one method per HTTP method."""

from __future__ import annotations

import typing as t

import flask.views
import pytest
from werkzeug.exceptions import MethodNotAllowed

import erlen
from erlen import Erlen
from erlen.views import MethodView, View, http_method_funcs


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)
    app.testing = True
    return app


def serve(app: Erlen, view: t.Any, rule: str = "/") -> t.Any:
    app.add_url_rule(rule, view_func=view)
    return app.test_client()


def test_a_view_answers_with_the_variables_of_the_url(app: Erlen) -> None:
    class Hello(View):
        methods = ["GET", "POST"]

        def __init__(self, greeting: str, mark: str = ".") -> None:
            self.greeting, self.mark = greeting, mark

        def dispatch_request(self, name: str) -> str:  # type: ignore[override]
            return f"{self.greeting} {name}{self.mark} {erlen.request.method}"

    client = serve(app, Hello.as_view("hello", "Hello", mark="!"), "/<name>")
    assert client.get("/ada").text == "Hello ada! GET"
    assert client.post("/ada").text == "Hello ada! POST"
    assert client.put("/ada").status_code == 405
    assert sorted(client.options("/ada").allow) == ["GET", "HEAD", "OPTIONS", "POST"]


def test_the_view_function_tells_where_it_comes_from() -> None:
    class Documented(View):
        """Say something."""

        methods = ["PUT"]
        provide_automatic_options = False

    view: t.Any = Documented.as_view("the_name")
    assert view.__name__ == "the_name"
    assert view.__qualname__ == "View.as_view.<locals>.view"
    assert view.__doc__ == "Say something."
    assert view.__module__ == __name__
    assert view.view_class is Documented
    assert view.methods == ["PUT"]
    assert view.provide_automatic_options is False


def test_a_view_makes_an_object_for_each_request_or_one_for_all(app: Erlen) -> None:
    made: list[View] = []

    class Each(View):
        def __init__(self) -> None:
            made.append(self)

        def dispatch_request(self) -> str:
            return str(made.index(self))

    class Once(Each):
        init_every_request = False

    app.add_url_rule("/each", view_func=Each.as_view("each"))
    assert made == []
    app.add_url_rule("/once", view_func=Once.as_view("once"))
    assert len(made) == 1
    client = app.test_client()
    assert [client.get("/each").text for _ in range(2)] == ["1", "2"]
    assert [client.get("/once").text for _ in range(2)] == ["0", "0"]


def test_another_class_can_be_put_on_the_view_function(app: Erlen) -> None:
    class Original(View):
        decorators = [lambda view: lambda **kwargs: view(**kwargs)]

        def dispatch_request(self) -> str:
            return "original"

    class Other(Original):
        def dispatch_request(self) -> str:
            return "other"

    view: t.Any = Original.as_view("view")
    view.view_class = Other
    assert serve(app, view).get("/").text == "other"


def test_decorators_wrap_in_order_and_see_the_name(app: Erlen) -> None:
    seen: list[tuple[str, str]] = []

    def mark(text: str) -> t.Callable[[t.Any], t.Any]:
        def decorator(view: t.Any) -> t.Any:
            seen.append((view.__name__, view.__module__))

            def wrapped(**kwargs: t.Any) -> str:
                return f"{text}({view(**kwargs)})"

            wrapped.__name__ = view.__name__
            wrapped.__module__ = view.__module__
            return wrapped

        return decorator

    class Marked(View):
        decorators = [mark("inner"), mark("outer")]

        def dispatch_request(self) -> str:
            return "text"

    assert serve(app, Marked.as_view("marked")).get("/").text == "outer(inner(text))"
    assert seen == [("marked", __name__)] * 2


@pytest.mark.parametrize("base", [View, MethodView])
def test_a_coroutine_function_is_awaited(app: Erlen, base: type[View]) -> None:
    class Later(base):  # type: ignore[misc, valid-type]
        async def dispatch_request(self) -> str:
            return "awaited"

    class LaterMethod(MethodView):
        async def get(self) -> str:
            return "awaited"

    app.add_url_rule("/method", view_func=LaterMethod.as_view("method"))
    client = serve(app, Later.as_view("later"))
    assert client.get("/").text == "awaited"
    assert client.get("/method").text == "awaited"


def test_a_view_goes_through_an_overridden_ensure_sync() -> None:
    class App(Erlen):
        def ensure_sync(self, func: t.Any) -> t.Any:
            return lambda **kwargs: f"ensured {func(**kwargs)}"

    class Plain(MethodView):
        init_every_request = False

        def get(self) -> str:
            return "get"

    app = App(__name__)
    with app.test_request_context():
        assert t.cast(t.Any, Plain.as_view("plain"))() == "ensured ensured get"


def test_a_bare_view_says_what_is_missing(app: Erlen) -> None:
    with app.test_request_context(), pytest.raises(NotImplementedError):
        t.cast(t.Any, View.as_view("bare"))()


# methods


class Things(MethodView):
    def get(self) -> str:
        return "GET"

    def post(self) -> str:
        return "POST"


class Deleting(MethodView):
    def delete(self) -> str:
        return "DELETE"


def test_each_http_method_has_its_method(app: Erlen) -> None:
    client = serve(app, Things.as_view("things"))
    assert client.get("/").text == "GET"
    assert client.post("/").text == "POST"
    assert client.put("/").status_code == MethodNotAllowed.code
    assert sorted(client.options("/").allow) == ["GET", "HEAD", "OPTIONS", "POST"]


def test_head_is_answered_by_get_unless_it_has_a_method(app: Erlen) -> None:
    class Own(Things):
        def head(self) -> t.Any:
            return "", 200, {"X-Method": "HEAD"}

    class Got(MethodView):
        def get(self) -> t.Any:
            return "text", 200, {"X-Method": f"get for {erlen.request.method}"}

    app.add_url_rule("/own", view_func=Own.as_view("own"))
    client = serve(app, Got.as_view("got"))
    assert client.head("/").headers["X-Method"] == "get for HEAD"
    assert client.head("/own").headers["X-Method"] == "HEAD"


def test_a_method_without_a_function_is_named(app: Erlen) -> None:
    class Promised(MethodView):
        methods = ["PATCH"]

    app.testing = True
    client = serve(app, Promised.as_view("promised"))
    with pytest.raises(AssertionError, match=r"Unimplemented method 'PATCH': Promised has no patch\(\)"):
        client.patch("/")


METHODS: dict[str, t.Callable[[type], list[type]]] = {
    "its own": lambda base: [type("V", (base,), {"get": 1, "patch": 1})],
    "inherited": lambda base: [parent := type("A", (base,), {"get": 1}), type("V", (parent,), {"put": 1})],
    "of two parents": lambda base: [
        first := type("A", (base,), {"get": 1}),
        second := type("B", (base,), {"delete": 1}),
        type("V", (first, second), {}),
    ],
    "set": lambda base: [
        parent := type("A", (base,), {"get": 1}),
        type("V", (parent,), {"methods": ["PUT"]}),
    ],
    "set by a parent": lambda base: [
        parent := type("A", (base,), {"methods": ["GET", "PROPFIND"]}),
        type("V", (parent,), {"get": 1, "propfind": 1}),
    ],
    "of a mixin": lambda base: [type("V", (type("Mixin", (), {"trace": 1}), base), {})],
    "none": lambda base: [type("V", (base,), {"other": 1})],
}


@pytest.mark.parametrize("make", METHODS.values(), ids=METHODS)
def test_the_methods_of_a_class_are_those_that_flask_finds(make: t.Callable[[type], list[type]]) -> None:
    ours, theirs = ([view.methods for view in make(base)] for base in (MethodView, flask.views.MethodView))
    assert [set(methods or ()) for methods in ours] == [set(methods or ()) for methods in theirs]
    assert [methods is None for methods in ours] == [methods is None for methods in theirs]


def test_the_names_of_methods_are_flasks() -> None:
    assert http_method_funcs == flask.views.http_method_funcs
    assert isinstance(http_method_funcs, frozenset)
