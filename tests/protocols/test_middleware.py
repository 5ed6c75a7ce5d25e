"""What wraps an application or replaces its steps takes part, whichever protocol a request comes by."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request as WerkzeugRequest

from tests.protocols.web import Colour, Web


def application(web: Web, colour: Colour) -> t.Any:
    """Make an application that tells what of its request a middleware can change."""
    app = web.Flask("app")
    app.logger.disabled = True

    @app.route("/<path:x>", methods=["GET", "POST"])
    @colour
    def view(x: str) -> t.Any:
        request = web.request
        return {
            "path": request.path,
            "root": request.root_path,
            "own": request.environ.get("own.key"),
            "header": request.headers.get("X-Own"),
            "body": request.get_data(as_text=True),
        }

    app.add_url_rule("/fails", "fails", colour(lambda: 1 / 0))
    return app


# around the application


def test_middleware_may_change_the_request(web: Web, colour: Colour) -> None:
    app = application(web, colour)
    inner = app.wsgi_app

    def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
        environ.update({"PATH_INFO": "/changed", "own.key": [1], "HTTP_X_OWN": "set"})
        return inner(environ, start_response)

    app.wsgi_app = middleware

    assert web.client(app).post("/given", data="text").json == {
        "path": "/changed",
        "root": "",
        "own": [1],
        "header": "set",
        "body": "text",
    }


def test_middleware_may_change_the_answer(web: Web, colour: Colour) -> None:
    app, log = application(web, colour), []
    app.teardown_request(lambda error: log.append("teardown"))
    inner = app.wsgi_app

    def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
        def start(status: str, headers: t.Any, exc_info: t.Any = None) -> t.Any:
            log.append(status)
            kept = [pair for pair in headers if pair[0] != "Content-Length"]
            return start_response("299 Changed", [*kept, ("X-A", "1"), ("X-A", "2")])

        for part in inner(environ, start):
            yield part.upper()

    app.wsgi_app = middleware

    answer = web.wire(app, "/given")

    assert (answer.status, answer.values("X-A")) == (299, ["1", "2"])
    assert b'"PATH":"/GIVEN"' in answer.body
    assert log == ["200 OK", "teardown"]


def test_middleware_may_answer_itself(web: Web, colour: Colour) -> None:
    app, log = application(web, colour), []
    app.before_request(lambda: log.append("before"))
    inner = app.wsgi_app

    def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
        if environ["PATH_INFO"] != "/health":
            return inner(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"healthy ", WerkzeugRequest(environ).args["who"].encode()]

    app.wsgi_app = middleware
    client = web.client(app)

    assert (client.get("/health?who=x").text, log) == ("healthy x", [])
    assert (client.get("/other").json["path"], log) == ("/other", ["before"])


def test_middleware_runs_outermost_last_set_first(web: Web, colour: Colour) -> None:
    app, log = application(web, colour), []
    app.before_request(lambda: log.append("before"))

    def wrap(name: str, inner: t.Any) -> t.Any:
        def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
            log.append(name)
            result = inner(environ, start_response)
            log.append(f"{name} out")
            return result

        return middleware

    for name in ("one", "two"):
        app.wsgi_app = wrap(name, app.wsgi_app)
    web.client(app).get("/x")

    assert log == ["two", "one", "before", "one out", "two out"]


def test_middleware_hears_of_exceptions_that_propagate(web: Web, colour: Colour) -> None:
    app, heard = application(web, colour), []
    app.testing = True
    inner = app.wsgi_app

    def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
        try:
            return inner(environ, start_response)
        except ZeroDivisionError as error:
            heard.append(error)
            raise

    app.wsgi_app = middleware

    with pytest.raises(ZeroDivisionError):
        web.client(app).get("/fails")
    assert len(heard) == 1


def test_proxy_headers_are_trusted_where_proxyfix_says(web: Web, colour: Colour) -> None:
    app = web.Flask("app")

    @app.get("/page")
    @colour
    def view() -> t.Any:
        request = web.request
        return [request.remote_addr, request.url, request.root_path, web.url_for("view", _external=True)]

    headers = [
        ("X-Forwarded-For", "203.0.113.9, 198.51.100.2"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "example.org"),
        ("X-Forwarded-Prefix", "/mounted"),
    ]
    untrusted = app.json.loads(web.wire(app, "/page", headers=headers).body)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1, x_host=1)
    trusted = app.json.loads(web.wire(app, "/page", headers=headers).body)

    assert untrusted == ["192.0.2.7", "http://localhost/page", "", "http://localhost/page"]
    url = "https://example.org/mounted/page"
    assert trusted == ["198.51.100.2", url, "/mounted", url]


def test_proxyfix_takes_part_with_other_middleware(web: Web, colour: Colour) -> None:
    app, log = application(web, colour), []
    inner = app.wsgi_app

    def middleware(environ: t.Any, start_response: t.Any) -> t.Any:
        log.append(environ["REMOTE_ADDR"])
        return inner(environ, start_response)

    app.wsgi_app = ProxyFix(middleware)
    web.wire(app, "/x", headers=[("X-Forwarded-For", "203.0.113.9")])

    assert log == ["203.0.113.9"]


def test_applications_are_mounted_in_one_another(web: Web, colour: Colour) -> None:
    app, other = application(web, colour), application(web, colour)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/other": other.wsgi_app})
    client = web.client(app)

    mine, others = client.get("/x").json, client.get("/other/y").json

    assert (mine["root"], mine["path"], others["root"], others["path"]) == ("", "/x", "/other", "/y")


def test_a_stream_behind_middleware_is_closed_with_it(web: Web, colour: Colour) -> None:
    app, log = web.Flask("app"), []

    def parts() -> t.Iterator[str]:
        try:
            yield "a"
            yield "b"
        finally:
            log.append("closed")

    app.add_url_rule("/", "view", colour(parts))
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start_response: inner(environ, start_response)

    with web.client(app).get("/") as response:
        assert response.text == "ab"
    assert log == ["closed"]


# in place of a step


def test_a_subclass_may_dispatch_otherwise(web: Web, colour: Colour) -> None:
    class Application(web.Flask):  # type: ignore[name-defined,misc]
        def dispatch_request(self) -> t.Any:
            if web.request.headers.get("X-Own"):
                return "own", 201
            return super().dispatch_request()

    app = Application("app")
    app.add_url_rule("/", "view", colour(lambda: "view"))
    client = web.client(app)

    assert client.get("/").text == "view"
    own = client.get("/", headers={"X-Own": "1"})
    assert (own.text, own.status_code) == ("own", 201)


def test_a_subclass_may_make_responses_of_more(web: Web, colour: Colour) -> None:
    class Application(web.Flask):  # type: ignore[name-defined,misc]
        def make_response(self, rv: t.Any) -> t.Any:
            return super().make_response(f"none at {web.request.path}" if rv is None else rv)

    app = Application("app")
    app.add_url_rule("/", "view", colour(lambda: None))

    assert web.client(app).get("/").text == "none at /"


STEPS = (
    *("full_dispatch_request", "preprocess_request", "dispatch_request", "finalize_request", "make_response"),
    *("process_response", "do_teardown_request", "do_teardown_appcontext", "handle_user_exception"),
    *("handle_http_exception", "handle_exception", "request_context", "create_url_adapter"),
)


@pytest.mark.parametrize("where", ["instance", "class"])
@pytest.mark.parametrize("path", ["/fine", "/nowhere", "/fails"])
def test_every_step_may_be_wrapped_and_runs_as_it_did(
    web: Web, colour: Colour, hooks: Colour, where: str, path: str, request: pytest.FixtureRequest
) -> None:
    log: list[str] = []

    class Application(web.Flask):  # type: ignore[name-defined,misc]
        pass

    app = Application("app")
    app.logger.disabled = True
    app.add_url_rule("/fine", "fine", colour(lambda: (log.append("view"), "fine")[1]))
    app.add_url_rule("/fails", "fails", colour(lambda: (log.append("view"), 1 / 0)[1]))
    app.before_request(hooks(lambda: log.append("before")))
    app.after_request(hooks(lambda response: (log.append("after"), response)[1]))
    app.teardown_request(hooks(lambda error: log.append("teardown")))

    def wrap(name: str) -> None:
        original = getattr(Application if where == "class" else app, name)

        def wrapped(*args: t.Any, **kwargs: t.Any) -> t.Any:
            log.append(name)
            return original(*args, **kwargs)

        setattr(Application if where == "class" else app, name, wrapped)

    for step in STEPS:
        wrap(step)
    with web.client(app).get(path) as response:
        status = response.status_code

    push = ["request_context", "create_url_adapter", "full_dispatch_request", "preprocess_request", "before"]
    make = ["make_response", "process_response", "after"]
    pop = ["do_teardown_request", "teardown", "do_teardown_appcontext"]
    steps = [step for step in log if step not in ("request_context", "create_url_adapter")]
    middle = {
        "/fine": ["dispatch_request", "view", "finalize_request"],
        "/nowhere": [
            "dispatch_request",
            "handle_user_exception",
            "handle_http_exception",
            "finalize_request",
        ],
        "/fails": [
            "dispatch_request",
            "view",
            "handle_user_exception",
            "handle_exception",
            "finalize_request",
        ],
    }[path]
    assert status == {"/fine": 200, "/nowhere": 404, "/fails": 500}[path]
    assert steps == [*push[2:], *middle, *make, *pop]
    assert log.count("request_context") == 1


def test_full_dispatch_may_be_wrapped_while_requests_run(web: Web, colour: Colour) -> None:
    app, log = application(web, colour), []
    client = web.client(app)
    original = app.full_dispatch_request

    def wrapped() -> t.Any:
        log.append(web.request.path)
        response = original()
        response.headers["X-Wrapped"] = "yes"
        return response

    client.get("/one")
    app.full_dispatch_request = wrapped
    assert client.get("/two").headers["X-Wrapped"] == "yes"
    del app.full_dispatch_request
    assert "X-Wrapped" not in client.get("/three").headers
    assert log == ["/two"]


def test_the_call_of_the_class_may_be_patched(
    web: Web, colour: Colour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentry does so: its function takes an environ and start_response, and no more."""
    app, log = application(web, colour), []
    original = web.Flask.__call__

    def patched(self: t.Any, environ: t.Any, start_response: t.Any) -> t.Any:
        log.append(environ["PATH_INFO"])
        return original(self, environ, start_response)

    monkeypatch.setattr(web.Flask, "__call__", patched)

    assert web.client(app).get("/x").json["path"] == "/x"
    assert log == ["/x"]


def test_ensure_sync_may_be_replaced(web: Web, colour: Colour) -> None:
    seen: list[str] = []

    class Application(web.Flask):  # type: ignore[name-defined,misc]
        def ensure_sync(self, func: t.Any) -> t.Any:
            seen.append(func.__name__)
            return super().ensure_sync(func)

    app = Application("app")
    app.add_url_rule("/", "view", colour(lambda: "view"))

    assert web.client(app).get("/").text == "view"
    assert seen == ["<lambda>"]
