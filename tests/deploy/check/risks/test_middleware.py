"""What is around an application is found, whoever has written it."""

from __future__ import annotations

from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from erlen import Erlen
from erlen.deploy.check.risks.middleware import hook_owner, is_a, middleware_of


class Own(ProxyFix):
    pass


class Around:
    def __init__(self, wrapped: Any) -> None:
        self.wsgi_app = wrapped

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.wsgi_app(environ, start_response)

    def check(self) -> None:
        pass


def test_middleware_is_listed_from_outside() -> None:
    app = Erlen("shop")
    assert middleware_of(app) == []
    app.wsgi_app = fix = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = around = Around(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = dispatcher = DispatcherMiddleware(app.wsgi_app)  # type: ignore[method-assign]
    assert middleware_of(app) == [dispatcher, around, fix]


def test_a_function_ends_the_list() -> None:
    app = Erlen("shop")
    app.wsgi_app = lambda environ, start_response: []  # type: ignore[method-assign, assignment]
    assert middleware_of(app) == [app.wsgi_app]


def test_middleware_around_itself_is_listed_so_often_and_no_more() -> None:
    app = Erlen("shop")
    around = Around(None)
    around.wsgi_app = around
    app.wsgi_app = around  # type: ignore[method-assign, assignment]
    assert len(middleware_of(app)) == 50


def test_a_class_of_ones_own_is_that_of_the_library_too() -> None:
    assert is_a(Own(lambda *_: []), "werkzeug", "ProxyFix")
    assert not is_a(object(), "werkzeug", "ProxyFix")


def test_the_object_of_a_hook_is_found() -> None:
    app = Erlen("shop")
    assert hook_owner(app, "tests", "Around") is None
    around = Around(None)
    app.before_request(lambda: None)
    app.before_request(around.check)
    assert hook_owner(app, Around.__module__.split(".")[0], "Around") is around
