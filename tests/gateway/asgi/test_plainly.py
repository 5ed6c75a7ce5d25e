"""What the loop answers without a thread or a reply object is what the WSGI gateway answers."""

from __future__ import annotations

import threading
import typing as t

import pytest
from werkzeug.exceptions import HTTPException, NotFound

import erlen
from erlen import Blueprint, Erlen, request, session, signals
from tests.gateway.asgi.driver import Server, ask, body, http, run
from tests.serve.beside import call

REQUESTS = [
    *(
        ("GET", path)
        for path in ("/text", "/go", "/gone", "/words", "/json", "/made", "/session", "/nowhere")
    ),
    *(("GET", path) for path in ("/in/gone", "/in/nowhere", "/text/", "/plain", "/n\u00e9/<b>")),
    *(("HEAD", path) for path in ("/go", "/gone", "/nowhere", "/made")),
    *(("POST", path) for path in ("/text", "/nowhere", "/plain", "/in/gone")),
    ("OPTIONS", "/nowhere"),
    ("OPTIONS", "/text"),
    ("BREW", "/text"),
]


def build() -> Erlen:
    app = Erlen("app", static_folder=None)
    app.secret_key = "k" * 32
    app.logger.disabled = True
    inside = Blueprint("inside", "app", url_prefix="/in")

    @app.get("/text")
    async def text() -> str:
        return "text"

    @app.get("/go")
    async def go() -> t.Any:
        return erlen.redirect(erlen.url_for("text", q="<&>"))

    @app.get("/gone")
    async def gone() -> t.Any:
        erlen.abort(410)

    @app.get("/words")
    async def words() -> t.Any:
        erlen.abort(404, "<words>\n&")

    @app.get("/json")
    async def json() -> t.Any:
        return {"error": "é"}, 400

    @app.get("/made")
    async def made() -> t.Any:
        response = erlen.make_response("made é", 201)
        response.headers["X-Made"] = "1"
        response.set_cookie("a", "b")
        return response

    @app.get("/session")
    async def use_session() -> t.Any:
        session["a"] = 1
        return erlen.redirect("/")

    @app.get("/plain")
    def plain() -> str:
        return "plain"

    @inside.get("/gone")
    async def inside_gone() -> t.Any:
        erlen.abort(410)

    app.register_blueprint(inside)
    return app


def nothing(app: Erlen) -> None: ...


def own_pages(app: Erlen) -> None:
    app.register_error_handler(404, lambda error: ("<h1>none</h1>", 404))
    app.register_error_handler(405, lambda error: ({"allowed": sorted(error.valid_methods)}, 405))


def own_pages_by_coroutines(app: Erlen) -> None:
    async def handler(error: HTTPException) -> t.Any:
        return f"{error.code} {request.method} {request.path}", error.code

    app.register_error_handler(HTTPException, handler)


def a_handler_of_a_blueprint(app: Erlen) -> None:
    app.error_handler_spec["inside"][410][HTTPException] = lambda error: ("inside", 410)


def a_handler_that_fails(app: Erlen) -> None:
    def handler(error: Exception) -> t.Any:
        raise LookupError

    app.register_error_handler(NotFound, handler)


def a_handler_that_raises_again(app: Erlen) -> None:
    def handler(error: Exception) -> t.Any:
        raise

    app.register_error_handler(NotFound, handler)


def hooks(app: Erlen) -> None:
    app.before_request(lambda: None)

    @app.after_request
    def after(response: t.Any) -> t.Any:
        response.headers["X-After"] = str(response.status_code)
        return response


def coroutine_hooks(app: Erlen) -> None:
    @app.after_request
    async def after(response: t.Any) -> t.Any:
        response.headers["X-After"] = str(response.status_code)
        return response


def a_hook_that_answers(app: Erlen) -> None:
    app.before_request(lambda: "early" if request.routing_exception else None)


def a_teardown(app: Erlen) -> None:
    app.teardown_request(lambda error: None)


def a_teardown_of_the_application(app: Erlen) -> None:
    app.teardown_appcontext(lambda error: None)


def traps(app: Erlen) -> None:
    app.config["TRAP_HTTP_EXCEPTIONS"] = True


def a_seam(app: Erlen) -> None:
    app.handle_http_exception = lambda error: (f"mine {error.code}", error.code)  # type: ignore[assignment]


def a_receiver(app: Erlen) -> None:
    signals.request_finished.connect(received, app)


def received(sender: Erlen, response: t.Any, **extra: t.Any) -> None:
    response.headers["X-Received"] = "1"


@pytest.fixture(autouse=True)
def silence() -> t.Iterator[None]:
    """Leave no receiver behind: signals are shared."""
    yield
    signals.request_finished.disconnect(received)


def another_response_class(app: Erlen) -> None:
    class Other(erlen.Response):
        default_mimetype = "text/plain"

    app.response_class = Other


def a_response_class_with_its_own_headers(app: Erlen) -> None:
    class Other(erlen.Response):
        def get_wsgi_headers(self, environ: t.Any) -> t.Any:
            headers = super().get_wsgi_headers(environ)
            headers["X-Method"] = environ["REQUEST_METHOD"]
            return headers

    app.response_class = Other


def absolute_addresses(app: Erlen) -> None:
    class Other(erlen.Response):
        autocorrect_location_header = True

    app.response_class = Other


CHANGES = {
    change.__name__: change
    for change in (
        *(nothing, own_pages, own_pages_by_coroutines, a_handler_of_a_blueprint, a_handler_that_fails),
        *(a_handler_that_raises_again, hooks, coroutine_hooks, a_hook_that_answers, a_teardown),
        *(a_teardown_of_the_application, traps, a_seam, a_receiver, another_response_class),
        *(a_response_class_with_its_own_headers, absolute_addresses),
    )
}


@pytest.mark.parametrize("cookie", ["", "session=x", "other=1"])
@pytest.mark.parametrize("name", CHANGES)
def test_each_answer_is_the_one_by_wsgi(name: str, cookie: str) -> None:
    app = build()
    CHANGES[name](app)
    given = [("Cookie", cookie)] if cookie else []
    for method, path in REQUESTS:
        answer = ask(app, http(path, method, *given))
        by_wsgi = call(app, path, method=method, headers=given)
        headers = {key.lower(): value for key, value in by_wsgi.headers}
        # The signature in a session's cookie has the time in it.
        for told in (answer.headers, headers):
            told.pop("set-cookie", None)
        assert (answer.status, answer.headers) == (int(by_wsgi.status[:3]), headers), (method, path)
        assert answer.body == by_wsgi.body, (method, path)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/text/x", 404),
        ("POST", "/text", 405),
        ("GET", "/gone", 410),
        ("GET", "/in/gone", 410),
        ("GET", "/words", 404),
        ("GET", "/json", 400),
        ("GET", "/go", 302),
        ("GET", "/made", 201),
    ],
)
def test_common_answers_need_neither_a_thread_nor_an_environ(
    method: str, path: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: t.Any, **kwargs: t.Any) -> t.NoReturn:
        raise AssertionError("this is not to be made")

    app, given = build(), body(b"unread" if method == "POST" else b"")
    ask(app, http(path, method), *given)  # now its host and its route are known
    for name in ("Bridge", "Reply"):
        monkeypatch.setattr(f"erlen.gateway.asgi.http.{name}", refuse)
    monkeypatch.setattr("erlen.gateway.asgi.context.make_environ", refuse)
    assert ask(app, http(path, method), *given).status == status


def test_a_refusal_is_the_first_request_of_an_application() -> None:
    app = build()
    ask(app, http("/nowhere"))
    with pytest.raises(AssertionError):
        app.before_request(lambda: None)


@pytest.mark.parametrize("path", ["/nowhere", "/go", "/gone"])
def test_a_client_that_has_gone_is_no_error(path: str) -> None:
    app = build()
    sent: list[t.Any] = []

    async def send(message: t.Any) -> None:
        sent.append(message["type"])
        raise OSError

    async def main() -> None:
        await app(http(path), Server(http(path), *body(b"")).receive, send)

    for _ in range(2):
        run(main())
    assert sent == ["http.response.start"] * 2
    assert not erlen.has_request_context()


# what is not answered plainly


def on_a_thread(error: t.Any) -> t.Any:
    return str(threading.current_thread() is threading.main_thread()), 404


async def on_the_loop(error: t.Any) -> t.Any:
    return str(threading.current_thread() is threading.main_thread()), 404


@pytest.mark.parametrize(("handler", "runs_on_loop"), [(on_a_thread, "False"), (on_the_loop, "True")])
def test_a_coroutine_handler_of_a_refusal_runs_on_the_loop_at_once(
    handler: t.Callable[..., t.Any], runs_on_loop: str
) -> None:
    app = Erlen("app")
    app.register_error_handler(404, handler)
    assert ask(app, http("/nowhere")).text == runs_on_loop


def test_a_handler_of_another_status_is_none_of_its_business() -> None:
    app = Erlen("app")
    app.register_error_handler(410, on_a_thread)
    assert ask(app, http("/nowhere")).status == 404


def test_a_coroutine_hook_beside_it_keeps_it_on_the_loop() -> None:
    app = Erlen("app")

    @app.after_request
    async def after(response: t.Any) -> t.Any:
        response.headers["X-After"] = "1"
        return response

    assert ask(app, http("/nowhere")).headers["x-after"] == "1"
