"""Middleware around the application: ProxyFix is applied to the scope, other middleware is logged once."""

from __future__ import annotations

import logging
import threading
import typing as t

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

import erlen
from erlen import Erlen
from tests.load.asking import Lifespan, Socket
from tests.tracing.around import COLOURS, Around, Marking, application, here, run, told

# any WSGI middleware


def test_middleware_is_logged_once_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    app = application(name="wrapped")
    app.wsgi_app = Around(Around(app.wsgi_app))  # type: ignore[method-assign]

    assert [line.count("wrapped") for line in lines_of(app, caplog)] == [1]


class OnBoth(Around):
    """Middleware that wraps ``asgi_app`` as well."""

    has_asgi_form = True


@pytest.mark.parametrize("what", ["nothing", "ProxyFix", "ASGI middleware", "both", "both and ProxyFix"])
def test_middleware_that_costs_no_thread_is_not_logged(what: str, caplog: pytest.LogCaptureFixture) -> None:
    app = application()
    if what == "ProxyFix":
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    elif what == "ASGI middleware":
        app.asgi_app = Marking(app.asgi_app)  # type: ignore[method-assign]
    elif what.startswith("both"):
        around = ProxyFix(app.wsgi_app) if "ProxyFix" in what else app.wsgi_app
        app.wsgi_app = ProxyFix(OnBoth(around))  # type: ignore[method-assign]

    assert lines_of(app, caplog) == []


@pytest.mark.parametrize("on_both", [True, False])
def test_middleware_on_both_protocols_is_passed_by_where_it_says_so(on_both: bool) -> None:
    app = application()
    around = (OnBoth if on_both else Around)(app.wsgi_app)
    app.wsgi_app = around  # type: ignore[method-assign]

    assert run(told(app, "/coroutine/x"))["at"] == "loop"
    assert around.called == ([] if on_both else ["erlen-pool"])


def lines_of(app: Erlen, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Start the application, ask it, stop it; return what was logged meanwhile."""
    caplog.set_level(logging.INFO, logger=app.name)

    async def main() -> None:
        async with Lifespan(app):
            for path in ("/plain/x", "/coroutine/x", "/plain/y"):
                await told(app, path)

    run(main())
    assert {record.levelname for record in caplog.records} <= {"INFO"}
    return [record.getMessage() for record in caplog.records]


# ProxyFix, which is known


FORWARDED = [
    ("X-Forwarded-For", "203.0.113.9, 198.51.100.2"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "example.org"),
    ("X-Forwarded-Prefix", "/base"),
]


def proxied(x_for: int = 1, **values: t.Any) -> Erlen:
    app = application()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=x_for, x_host=1, x_prefix=1, **values)  # type: ignore[method-assign]
    return app


@pytest.mark.parametrize("colour", COLOURS)
def test_proxyfix_is_applied_to_the_scope(colour: str) -> None:
    answer = run(told(proxied(), f"/{colour}/x", headers=FORWARDED))
    assert answer["from"] == "198.51.100.2"
    assert answer["url"] == f"https://example.org/base/{colour}/x"
    assert (answer["root"], answer["at"]) == ("/base", COLOURS[colour])


def test_behind_proxyfix_a_coroutine_view_needs_no_thread() -> None:
    app = proxied()

    async def main() -> dict[str, t.Any]:
        before = set(threading.enumerate())
        answer = await told(app, "/coroutine/x", headers=FORWARDED, method="POST", body=[b"a", b"b"])
        assert set(threading.enumerate()) <= before  # others may end meanwhile
        return answer

    answer = run(main())
    assert (answer["at"], answer["body"], answer["from"]) == ("loop", "ab", "198.51.100.2")


def test_proxyfix_around_proxyfix_is_applied_outermost_first() -> None:
    app = application()
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=0, x_host=1)  # type: ignore[method-assign]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=2)  # type: ignore[method-assign]

    answer = run(told(app, "/coroutine/x", headers=FORWARDED))
    assert (answer["from"], answer["url"]) == ("203.0.113.9", "https://example.org/coroutine/x")
    assert answer["at"] == "loop"


def test_proxyfix_keeps_what_it_replaced_as_it_does_under_wsgi() -> None:
    app = proxied()
    kept: list[t.Any] = []

    @app.before_request
    async def look() -> None:
        kept.append(erlen.request.environ["werkzeug.proxy_fix.orig"])

    run(told(app, "/coroutine/x", headers=FORWARDED))
    assert (
        app.test_client().get("/coroutine/x", headers=FORWARDED, base_url="http://localhost").status_code
        == 200
    )
    by_asgi, by_wsgi = kept
    assert by_asgi["HTTP_HOST"] == by_wsgi["HTTP_HOST"] == "localhost"
    assert (by_asgi["REMOTE_ADDR"], by_asgi["wsgi.url_scheme"]) == ("192.0.2.7", "http")
    assert by_asgi.keys() == by_wsgi.keys()


def test_proxyfix_is_applied_to_websockets() -> None:
    async def main() -> str:
        async with Socket(proxied(), "/coroutine/socket", FORWARDED) as socket:
            return await socket.receive()

    assert run(main()) == "198.51.100.2 secure example.org/base/coroutine/socket"


def test_headers_that_proxyfix_does_not_trust_are_ignored() -> None:
    answer = run(told(proxied(x_for=3), "/coroutine/x", headers=FORWARDED))
    assert answer["from"] == "192.0.2.7"


@pytest.mark.parametrize("outermost", ["ProxyFix", "other"])
def test_proxyfix_beside_other_middleware_is_called_as_it_is(outermost: str) -> None:
    app = application()
    if outermost == "ProxyFix":
        around = Around(app.wsgi_app)
        app.wsgi_app = ProxyFix(around)  # type: ignore[method-assign]
    else:
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
        app.wsgi_app = around = Around(app.wsgi_app)  # type: ignore[method-assign]

    answer = run(told(app, "/coroutine/x", headers=FORWARDED))
    assert (answer["from"], answer["at"]) == ("198.51.100.2", "loop")
    assert around.called == ["erlen-pool"]


def test_a_subclass_of_proxyfix_is_middleware_like_any_other() -> None:
    called: list[str] = []

    class Own(ProxyFix):
        def __call__(self, environ: t.Any, start_response: t.Any) -> t.Any:
            called.append(here())
            return super().__call__(environ, start_response)

    app = application()
    app.wsgi_app = Own(app.wsgi_app)  # type: ignore[method-assign]

    assert run(told(app, "/coroutine/x", headers=FORWARDED))["from"] == "198.51.100.2"
    assert called == ["erlen-pool"]
