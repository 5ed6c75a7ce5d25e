"""Pages of HTTP exceptions and aborts, straight, are what Werkzeug makes of them."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug import exceptions
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import (
    Aborter,
    BadRequestKeyError,
    Gone,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    TooManyRequests,
    Unauthorized,
    default_exceptions,
)
from werkzeug.wrappers import Response as WerkzeugResponse

import erlen
from erlen.http_errors import method_not_allowed, not_found, page_of, plain_abort
from tests.serve.beside import Framework, Story, call, examples, told_alike

METHODS = ("GET", "HEAD", "OPTIONS", "POST")


class Lazy(str):
    """Text of which nobody knows what it will be, as translations are."""

    __slots__ = ()
    says: t.ClassVar[list[str]] = ["first", "second"]

    def __str__(self) -> str:
        return self.says[0]

    def __html__(self) -> str:
        return f"<i>{self.says[0]}</i>"


class Teapot(HTTPException):
    code = 418
    description = "short & stout\n<b>"


class Worked(HTTPException):
    """An exception whose description is worked out each time."""

    code = 409
    count = 0

    @property
    def description(self) -> str:  # type: ignore[override]
        type(self).count += 1
        return f"the {self.count}."


class Translated(HTTPException):
    code = 403
    description = Lazy()


class WithBody(Gone):
    def get_body(self, environ: t.Any = None, scope: t.Any = None) -> str:
        return f"{environ['PATH_INFO']} is gone"


class WithHeaders(NotFound):
    def get_headers(self, environ: t.Any = None, scope: t.Any = None) -> list[tuple[str, str]]:
        return [("Content-Type", "text/plain"), ("X-Own", "1")]


class WithDescription(NotFound):
    def get_description(self, environ: t.Any = None, scope: t.Any = None) -> str:
        return "<p>not here</p>"


class Named(NotFound):
    name = "Not <Here>"


class Odd(HTTPException):
    code = 499


class Empty(HTTPException):
    code = 204


class Mine(MethodNotAllowed):
    pass


class WithoutInit(NotFound):
    def __init__(self) -> None:
        pass


def changed(error: HTTPException, **attributes: object) -> HTTPException:
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


ERRORS: dict[str, t.Callable[[], HTTPException]] = {
    **{kind.__name__: kind for kind in default_exceptions.values()},
    **{
        kind.__name__: kind
        for kind in (Teapot, Worked, Translated, WithBody, WithHeaders, WithDescription, Named, Odd, Empty)
    },
    **{kind.__name__: kind for kind in (Mine, WithoutInit, exceptions.SecurityError, BadRequestKeyError)},
    "hostile": lambda: NotFound("<script>alert('&\")</script>\nnext\r\nline \u2028 é \0 {0} %s"),
    "empty": lambda: NotFound(""),
    "markup": lambda: NotFound(Markup("<b>bold</b>\n")),
    "a lazy text": lambda: NotFound(Lazy("third")),
    "a number": lambda: NotFound(404),  # type: ignore[arg-type]
    "the words of the page": lambda: NotFound("DESCRIPTION OF ITS OWN"),
    "a teapot's own": lambda: Teapot("<é>"),
    "a key": lambda: BadRequestKeyError("<key>"),
    "a key that is shown": lambda: changed(BadRequestKeyError("<key>"), show_exception=True),
    "another code": lambda: changed(NotFound(), code=410),
    "no code": lambda: changed(NotFound(), code=None),
    "changed words": lambda: changed(NotFound(), description="changed <b>"),
    "changed words of two": lambda: changed(Unauthorized(), description="changed <b>"),
    "a method on the instance": lambda: changed(NotFound(), get_body=lambda environ, scope: "mine"),
    "headers on the instance": lambda: changed(
        NotFound(), get_headers=lambda environ, scope: [("X-Mine", "1")]
    ),
    "a response on the instance": lambda: changed(
        NotFound(), get_response=lambda environ: WerkzeugResponse("mine", 499)
    ),
    "a response": lambda: NotFound(response=WerkzeugResponse("given", 200)),
    "attributes of its own": lambda: changed(NotFound(), reason="x"),
    "to log in": lambda: Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "<x>"})),
    "to log in somehow": lambda: Unauthorized("who are <you>?"),
    "to wait": lambda: TooManyRequests(retry_after=3),
    "to wait for nothing": lambda: TooManyRequests(retry_after=0),
    "to wait somehow": lambda: TooManyRequests("slow <down>"),
    "methods": lambda: MethodNotAllowed(["GET", "POST"]),
    "methods with words": lambda: MethodNotAllowed(["GET"], "not <so>"),
    "a tuple of methods": lambda: MethodNotAllowed(("GET",)),
    "no methods": lambda: MethodNotAllowed([]),
    "an empty method": lambda: MethodNotAllowed([""]),
    "methods in another script": lambda: MethodNotAllowed(["GÉT"]),
    "methods that are numbers": lambda: MethodNotAllowed([1]),  # type: ignore[list-item]
    "methods of a subclass": lambda: Mine(["GET"]),
}


def outcome(function: t.Callable[[], t.Any]) -> t.Any:
    try:
        return function()
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("name", ERRORS)
def test_each_page_is_the_one_that_flask_sends(name: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None)
        app.testing = True
        Worked.count, Lazy.says[:] = 0, ["first", "second"]

        def view() -> t.NoReturn:
            raise ERRORS[name]()

        app.add_url_rule("/", "view", view, methods=["GET", "POST"], provide_automatic_options=False)
        told = []
        for method in (*METHODS, "GET"):
            told.append(outcome(lambda method=method: call(app, method=method)))  # type: ignore[misc]
            Lazy.says.reverse()
        return told

    told_alike(story)


@given(st.text(), st.sampled_from([NotFound, Teapot, Unauthorized, MethodNotAllowed]))
@examples(60)
def test_any_description_is_written_as_werkzeug_writes_it(text: str, kind: type[HTTPException]) -> None:
    error = kind(description=text)
    if kind is MethodNotAllowed:
        error = MethodNotAllowed([], text)
    page = outcome(lambda: page_of(error))
    if page is UnicodeEncodeError:
        return
    assert page == (kind.code, "", error.get_body().encode())


METHODS_OF_PAGES = ["__call__", "get_response", "get_body", "get_description", "get_headers"]


@pytest.mark.parametrize("kind", [HTTPException, NotFound])
@pytest.mark.parametrize("name", METHODS_OF_PAGES)
def test_a_method_that_is_patched_is_called(
    name: str, kind: type[HTTPException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None)
        app.add_url_rule("/gone", "gone", lambda: framework.abort(404, "words"))
        paths = ("/nowhere", "/gone")
        told, seen = [call(app, path) for path in paths], []
        original = getattr(kind, name)

        def patched(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
            seen.append(name)
            return original(self, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(kind, name, patched)
            told += [call(app, path) for path in paths]
            # Pages are kept, and their methods called once or each time; here, as often as in Flask.
            told.append(len(seen))  # type: ignore[arg-type]
        return [*told, *(call(app, path) for path in paths)]

    told_alike(story)


@pytest.mark.parametrize("kind", [HTTPException, NotFound, MethodNotAllowed, Gone])
def test_a_constructor_that_is_patched_is_called(
    kind: type[HTTPException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None)
        app.add_url_rule("/gone", "gone", lambda: framework.abort(410))
        made: list[str] = []
        original = kind.__init__

        def patched(self: t.Any, *args: t.Any, **kwargs: t.Any) -> None:
            made.append(type(self).__name__)
            original(self, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(kind, "__init__", patched)
            told = [call(app, "/nowhere").status, call(app, "/gone").status]
            told.append(call(app, "/gone", method="POST").status)
        # Werkzeug raises one exception when it looks for the path, and another when it answers.
        return told, sorted(set(made))

    told_alike(story)


def test_the_name_of_a_status_may_be_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None)
        first = call(app, "/nowhere")
        with monkeypatch.context() as patch:
            patch.setattr(HTTPException, "name", property(lambda self: "Nowhere"))
            second = call(app, "/nowhere")
        assert b"<h1>Nowhere</h1>" in second.body
        return first, second, call(app, "/nowhere")

    told_alike(story)


# aborts


def aborting(change: t.Callable[[Framework, t.Any], None], *args: t.Any, **kwargs: t.Any) -> Story:
    """Tell what an abort with these arguments answers in an application that was changed."""

    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None)
        app.testing = True
        change(framework, app)
        app.add_url_rule("/", "view", lambda: framework.abort(*args, **kwargs))
        return [outcome(lambda: call(app)) for _ in range(2)]

    return story


def nothing(framework: Framework, app: t.Any) -> None: ...


ARGUMENTS: dict[str, tuple[t.Any, ...]] = {
    "a code": (410,),
    "a code with words": (410, "<gone>"),
    "a code with None": (410, None),
    "a code and a response": (410, None, WerkzeugResponse("mine", 499)),
    "an unknown code": (299,),
    "no code": (None,),
    "a true code": (True,),
    "a code in text": ("410",),
    "a float": (410.0,),
    "a response": (WerkzeugResponse("mine", 499),),
    "methods": (405, ["GET"]),
    "an exception": (NotFound,),
    "too many": (410, 1, 2, 3),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_abort_answers_as_in_flask(name: str) -> None:
    told_alike(aborting(nothing, *ARGUMENTS[name]))


def test_an_abort_with_a_description_by_name_answers_as_in_flask() -> None:
    told_alike(aborting(nothing, 410, description="<gone>"))


def another_exception(framework: Framework, app: t.Any) -> None:
    app.aborter.mapping[410] = Teapot


def an_unknown_exception(framework: Framework, app: t.Any) -> None:
    app.aborter.mapping[299] = Teapot


def no_exception(framework: Framework, app: t.Any) -> None:
    del app.aborter.mapping[410]


def a_function(framework: Framework, app: t.Any) -> None:
    app.aborter.mapping[410] = lambda *args: Teapot("made by a function")


def a_function_for_all(framework: Framework, app: t.Any) -> None:
    def abort(code: int, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
        raise Teapot(f"instead of {code}")

    app.aborter = abort


def one_that_does_nothing(framework: Framework, app: t.Any) -> None:
    app.aborter = lambda code: None


def a_class(framework: Framework, app: t.Any) -> None:
    class Aborts(Aborter):
        def __call__(self, code: t.Any, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
            raise Teapot(f"instead of {code}")

    app.aborter_class = Aborts
    app.aborter = app.make_aborter()


def an_extended_one(framework: Framework, app: t.Any) -> None:
    app.aborter = Aborter(extra={299: Teapot, 410: Odd})


CHANGES = {
    change.__name__: change
    for change in (another_exception, an_unknown_exception, no_exception, a_function, a_function_for_all)
} | {change.__name__: change for change in (one_that_does_nothing, a_class, an_extended_one)}


@pytest.mark.parametrize("code", [410, 299])
@pytest.mark.parametrize("name", CHANGES)
def test_an_application_may_abort_in_its_own_way(name: str, code: int) -> None:
    told_alike(aborting(CHANGES[name], code))


def test_the_aborter_may_be_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    def call_teapot(self: t.Any, code: t.Any, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
        raise Teapot(f"instead of {code}")

    monkeypatch.setattr(Aborter, "__call__", call_teapot)
    told_alike(aborting(nothing, 410))


# what is made in few steps is what the constructors make


def test_errors_that_are_made_straight_have_what_constructors_give_them() -> None:
    for made, constructed in (
        (not_found(), NotFound()),
        (method_not_allowed(["GET"]), MethodNotAllowed(["GET"])),
        (plain_abort(erlen.Erlen("app").aborter, 410), Gone()),
    ):
        assert type(made) is type(constructed)
        assert (vars(made), made.args) == (vars(constructed), constructed.args)


@pytest.mark.parametrize("name", ["NotFound", "hostile", "to log in somehow", "methods with words", "Teapot"])
def test_common_pages_are_not_left_to_werkzeug(name: str) -> None:
    error = ERRORS[name]()
    assert page_of(error) == (
        error.code,
        ", ".join(getattr(error, "valid_methods", None) or ()),
        error.get_body().encode(),
    )


@pytest.mark.parametrize(
    "name",
    ["Worked", "Translated", "WithBody", "markup", "another code", "a response", "to log in", "to wait"],
)
def test_a_page_with_more_to_it_is_left_to_werkzeug(name: str) -> None:
    assert page_of(ERRORS[name]()) is None


def test_a_page_that_somebody_asks_for_with_any_words_keeps_none_of_them() -> None:
    from erlen import http_errors

    page_of(NotFound("first"))
    before = len(http_errors._pages), len(http_errors._around)
    for number in range(200):
        assert f"number {number}".encode() in page_of(NotFound(f"number {number}"))[2]  # type: ignore[index]
    assert (len(http_errors._pages), len(http_errors._around)) == before
