"""HTTP exceptions that leave out Werkzeug's constructor, or make their response in a way of their own."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.routing import RequestRedirect, RoutingException
from werkzeug.wrappers import Response as WerkzeugResponse

import erlen
from tests.serve.beside import Framework, told_alike

_shared = WerkzeugResponse("shared", 409)


class Bare(HTTPException):
    """Its constructor sets nothing of Werkzeug's."""

    code = 418

    def __init__(self, text: str = "bare") -> None:
        self.text = text

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> t.Any:
        return WerkzeugResponse(self.text, 418, {"X-Own": "1"})


class BareNotFound(NotFound):
    def __init__(self) -> None:
        pass

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> t.Any:
        return WerkzeugResponse(f"no {environ['PATH_INFO']}", 404)


class Codeless(HTTPException):
    def __init__(self) -> None:
        pass

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> t.Any:
        return WerkzeugResponse("codeless", 299)


class Elsewhere(RoutingException, HTTPException):  # type: ignore[misc]
    def __init__(self) -> None:
        pass

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> t.Any:
        return WerkzeugResponse("elsewhere", 307, {"Location": "/there"})


class OwnRedirect(RequestRedirect):
    def __init__(self) -> None:
        pass

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> t.Any:
        return WerkzeugResponse("redirected", 302, {"Location": "/there"})


class GivesAnApplication(HTTPException):
    code = 410

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> t.Any:
        def application(environ: t.Any, start_response: t.Any) -> t.Any:
            start_response("410 GONE", [("X-Plain", "1")])
            return [b"gone"]

        return application


class GivesTheSameEachTime(HTTPException):
    code = 409

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> t.Any:
        return _shared


class WithoutAnything(HTTPException):
    """It has no response, and no way to make one: an error in Werkzeug."""

    code = 418

    def __init__(self) -> None:
        pass


class OwnBody(Forbidden):
    def __init__(self) -> None:
        super().__init__()

    def get_body(self, environ: t.Any = None, scope: t.Any = None) -> str:
        return "own body"


class Runs(HTTPException):
    """It is a WSGI application of its own."""

    def __init__(self) -> None:
        pass

    def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
        start_response("203 NON AUTHORITATIVE INFORMATION", [])
        return [b"run"]


def patched() -> HTTPException:
    error = Forbidden()
    error.get_response = lambda environ=None, scope=None: WerkzeugResponse("patched", 403)  # type: ignore[method-assign]
    return error


EXCEPTIONS: dict[str, t.Callable[[], Exception]] = {
    cls.__name__: cls
    for cls in (
        *(Bare, BareNotFound, Codeless, Elsewhere, OwnRedirect, GivesAnApplication),
        *(GivesTheSameEachTime, WithoutAnything, OwnBody, Runs),
    )
}
EXCEPTIONS["patched"] = patched


def raising(make: t.Callable[[], Exception]) -> t.Callable[..., t.NoReturn]:
    def function(*args: object, **kwargs: object) -> t.NoReturn:
        raise make()

    return function


def _in_a_view(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", raising(make))


def _returned(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", make)


def _returned_with_a_status(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", lambda: (make(), 201, {"X-Tuple": "1"}))


def _in_a_coroutine_view(framework: Framework, app: t.Any, make: t.Any) -> None:
    async def view() -> t.NoReturn:
        raise make()

    app.add_url_rule("/", "view", view)


def _in_a_hook_before(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", lambda: "text")
    app.before_request(raising(make))


def _in_a_hook_after(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", lambda: "text")
    app.after_request(raising(make))


def _in_a_handler(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", raising(KeyError))
    app.register_error_handler(KeyError, raising(make))


def _returned_by_a_handler(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", raising(KeyError))
    app.register_error_handler(KeyError, lambda error: make())


def _given_back_by_its_handler(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", raising(make))
    app.register_error_handler(HTTPException, lambda error: error)


def _aborted(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.aborter.mapping[499] = make
    app.add_url_rule("/", "view", lambda: framework.abort(499))


def _by_a_converter(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.url_value_preprocessor(raising(make))
    app.add_url_rule("/", "view", lambda: "text")


def _through_a_seam(framework: Framework, app: t.Any, make: t.Any) -> None:
    app.add_url_rule("/", "view", raising(make))
    before = app.handle_user_exception
    app.handle_user_exception = lambda error: before(error)


WAYS: dict[str, t.Callable[[Framework, t.Any, t.Any], None]] = {
    way.__name__.replace("_", " ").strip(): way
    for way in (
        *(_in_a_view, _returned, _returned_with_a_status, _in_a_coroutine_view, _in_a_hook_before),
        *(_in_a_hook_after, _in_a_handler, _returned_by_a_handler, _given_back_by_its_handler),
        *(_aborted, _by_a_converter, _through_a_seam),
    )
}


def answers(framework: Framework, way: str, name: str, **options: t.Any) -> object:
    app = framework.Flask("app", static_folder=None)
    WAYS[way](framework, app, EXCEPTIONS[name])

    @app.after_request
    def mark(response: t.Any) -> t.Any:
        response.headers["X-After"] = str(int(response.headers.get("X-After", 0)) + 1)
        return response

    client = app.test_client(**options)
    told = []
    for _ in range(2):
        response = client.get("/", buffered=True)
        # The page of a 500 is Werkzeug's in both.
        told.append(
            (
                response.status,
                sorted((name.lower(), value) for name, value in response.headers),
                response.data,
            )
        )
    return told


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_that_makes_its_response_itself_is_answered_with_it(name: str, way: str) -> None:
    by_wsgi = told_alike(lambda framework: answers(framework, way, name))
    assert answers(erlen, way, name, protocol="asgi") == by_wsgi


def test_a_response_that_an_exception_gives_each_time_stays_as_it_is() -> None:
    answers(erlen, "in a view", "GivesTheSameEachTime")
    assert type(_shared) is WerkzeugResponse
    assert "X-After" not in _shared.headers
