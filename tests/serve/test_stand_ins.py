"""A proxy or a mock takes the place of a request, a response, a session, an application or a context.

``isinstance`` believes both, for it goes by ``__class__``; their types have none of the attributes.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import typing as t
import warnings
from unittest import mock

import flask.debughelpers  # noqa: F401
import pytest
from werkzeug.local import LocalProxy

import erlen
import erlen.debughelpers
from tests.serve.beside import FRAMEWORKS, Framework

# How an object is stood in for.
STAND_INS: dict[str, t.Callable[[t.Any], t.Any]] = {
    "the object": lambda obj: obj,
    "a proxy": lambda obj: LocalProxy(lambda: obj),
    "a mock of its class": lambda obj: mock.Mock(spec=type(obj)),
    "a mock that wraps it": lambda obj: mock.Mock(spec=obj, wraps=obj),
    "an instance by autospec": lambda obj: mock.create_autospec(type(obj), instance=True),
}


class Around(t.NamedTuple):
    """What a call is made with; each may be a stand-in."""

    framework: Framework
    app: t.Any
    context: t.Any
    request: t.Any
    session: t.Any
    response: t.Any
    stand_in: t.Callable[[t.Any], t.Any]

    @property
    def interface(self) -> t.Any:
        return self.framework.sessions.SecureCookieSessionInterface()


Call = t.Callable[[Around], object]
CALLS: dict[str, Call] = {}


def calling(function: Call) -> Call:
    CALLS[function.__name__.replace("_", " ")] = function
    return function


# sessions


@calling
def open_session_of_a_request(around: Around) -> object:
    return dict(around.interface.open_session(around.app, around.stand_in(around.request)))


@calling
def open_session_with_an_application(around: Around) -> object:
    return dict(around.interface.open_session(around.stand_in(around.app), around.request))


@calling
def save_session_to_a_response(around: Around) -> object:
    around.session["x"] = 1
    around.interface.save_session(around.app, around.session, around.stand_in(around.response))
    return around.response.headers.getlist("Vary"), len(around.response.headers.getlist("Set-Cookie"))


@calling
def save_session_of_a_session(around: Around) -> object:
    around.session["x"] = 1
    around.interface.save_session(around.app, around.stand_in(around.session), around.response)
    return around.response.headers.getlist("Vary"), len(around.response.headers.getlist("Set-Cookie"))


@calling
def save_a_session_that_was_read(around: Around) -> object:
    around.session.accessed = True
    around.interface.save_session(around.app, around.session, around.stand_in(around.response))
    return around.response.headers.getlist("Vary")


@calling
def delete_the_cookie_of_an_empty_session(around: Around) -> object:
    around.session.clear()
    around.session.modified = True
    around.interface.save_session(around.app, around.session, around.stand_in(around.response))
    return around.response.headers.getlist("Vary"), len(around.response.headers.getlist("Set-Cookie"))


@calling
def save_session_with_an_application(around: Around) -> object:
    around.session["x"] = 1
    around.interface.save_session(around.stand_in(around.app), around.session, around.response)
    return len(around.response.headers.getlist("Set-Cookie"))


@calling
def is_null_session(around: Around) -> object:
    return around.interface.is_null_session(around.stand_in(around.session))


@calling
def is_a_null_session_one(around: Around) -> object:
    return around.interface.is_null_session(around.stand_in(around.interface.make_null_session(around.app)))


@calling
def the_cookies_name_and_domain(around: Around) -> object:
    app = around.stand_in(around.app)
    return [
        around.interface.get_cookie_name(app),
        around.interface.get_cookie_path(app),
        around.interface.get_cookie_domain(app),
        around.interface.should_set_cookie(app, around.session),
    ]


# responses


@calling
def make_response_of_a_response(around: Around) -> object:
    made = around.app.make_response(around.stand_in(around.response))
    return isinstance(made, around.framework.Response), made.status


@calling
def make_response_of_a_response_and_headers(around: Around) -> object:
    made = around.app.make_response((around.stand_in(around.response), 201, {"X-One": "1"}))
    return isinstance(made, around.framework.Response), made.status_code


@calling
def process_response(around: Around) -> object:
    around.app.after_request(lambda response: response)
    return around.app.process_response(around.stand_in(around.response)).status


@calling
def finalize_request(around: Around) -> object:
    return around.app.finalize_request(around.stand_in(around.response)).status


@calling
def a_view_returns_a_response(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    app.add_url_rule("/", "view", lambda: around.stand_in(around.framework.Response("text", 201)))
    with contextlib.closing(app.test_client().get("/")) as response:
        return response.status, response.data


@calling
def a_hook_returns_a_response(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    app.add_url_rule("/", "view", lambda: "text")
    app.after_request(lambda response: around.stand_in(response))
    with contextlib.closing(app.test_client().get("/")) as response:
        return response.status, response.data


@calling
def force_type(around: Around) -> object:
    made = around.framework.Response.force_type(around.stand_in(around.response), around.request.environ)
    return isinstance(made, around.framework.Response)


# requests and contexts


@calling
def a_context_of_a_request(around: Around) -> object:
    app, request = around.app, around.stand_in(around.request)
    context = around.framework.ctx.RequestContext(app, around.request.environ, request=request)
    with context:
        return [around.framework.request.path, context.request is request]


@calling
def a_context_of_a_session(around: Around) -> object:
    app, session = around.app, around.stand_in(around.session)
    context = around.framework.ctx.RequestContext(app, around.request.environ, session=session)
    with context:
        return [context.session is session, around.framework.session._get_current_object() is session]


@calling
def a_context_of_an_application(around: Around) -> object:
    app = around.stand_in(around.app)
    context = around.framework.ctx.RequestContext(app, around.request.environ)
    return [context.app is app, context.request.path]


@calling
def an_application_context_of_an_application(around: Around) -> object:
    app = around.stand_in(around.app)
    context = around.framework.ctx.AppContext(app)
    return context.app is app


@calling
def a_context_is_copied(around: Around) -> object:
    context = around.stand_in(around.context)
    return type(context.copy()).__name__


@calling
def a_request_is_stood_in_for_while_it_is_handled(around: Around) -> object:
    framework, app = around.framework, around.framework.Flask("app", static_folder=None)
    app.secret_key = "secret"

    @app.route("/")
    def view() -> str:
        context = framework.globals.request_ctx._get_current_object()
        context.request = around.stand_in(context.request)
        return f"text {framework.session.get('x')}"

    with contextlib.closing(app.test_client().get("/")) as response:
        return response.status, response.data


@calling
def a_session_is_stood_in_for_while_a_request_is_handled(around: Around) -> object:
    framework, app = around.framework, around.framework.Flask("app", static_folder=None)
    app.secret_key = "secret"

    @app.route("/")
    def view() -> str:
        context = framework.globals.request_ctx._get_current_object()
        session = context._session
        session["x"] = 1
        context._session = around.stand_in(session)
        return "text"

    with contextlib.closing(app.test_client().get("/")) as response:
        return response.status, response.data, len(response.headers.getlist("Set-Cookie"))


@calling
def create_url_adapter(around: Around) -> object:
    return type(around.app.create_url_adapter(around.stand_in(around.request))).__name__


@calling
def raise_routing_exception(around: Around) -> object:
    request = around.stand_in(around.request)
    request.routing_exception = KeyError("x")
    around.app.raise_routing_exception(request)
    return None


@calling
def log_exception(around: Around) -> object:
    around.context.request = around.stand_in(around.request)
    return around.app.log_exception((None, None, None))


@calling
def a_request_that_has_no_file(around: Around) -> object:
    error = around.framework.debughelpers.DebugFilesKeyError(around.stand_in(around.request), "x")
    return len(str(error)) > 40


# applications


@calling
def a_client_of_an_application(around: Around) -> object:
    client = around.framework.testing.FlaskClient(
        around.stand_in(around.app), around.framework.Response, use_cookies=True
    )
    return client.get("/").text


@calling
def a_session_transaction_of_an_application(around: Around) -> object:
    client = around.framework.testing.FlaskClient(
        around.stand_in(around.app), around.framework.Response, use_cookies=True
    )
    with client.session_transaction() as session:
        session["x"] = 1
    return client.get_cookie("session") is not None


@calling
def a_runner_of_an_application(around: Around) -> object:
    runner = around.framework.testing.FlaskCliRunner(around.stand_in(around.app))
    return runner.invoke(args=["--help"]).exit_code


@calling
def a_builder_for_an_application(around: Around) -> object:
    builder = around.framework.testing.EnvironBuilder(around.stand_in(around.app), "/x")
    return builder.get_environ()["PATH_INFO"]


@calling
def a_provider_of_an_application(around: Around) -> object:
    provider = around.framework.json.provider.DefaultJSONProvider(around.stand_in(around.app))
    return provider.dumps({"a": 1}), provider.response({"a": 1}).status


@calling
def an_environment_of_an_application(around: Around) -> object:
    app = around.stand_in(around.app)
    environment = around.framework.templating.Environment(app)
    return environment.app is app, environment.from_string("{{ 1 }}").render()


@calling
def a_template_of_an_application(around: Around) -> object:
    template = around.app.jinja_env.from_string("{{ g is defined }}")
    return around.framework.templating._render(around.stand_in(around.app), template, {})


@calling
def a_blueprint_of_an_application(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    blueprint = around.framework.Blueprint("part", "app")
    blueprint.add_url_rule("/part", "view", lambda: "part")
    blueprint.register(around.stand_in(app), {})
    return sorted(app.view_functions)


@calling
def an_application_takes_a_blueprint(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    blueprint = around.framework.Blueprint("part", "app")
    blueprint.add_url_rule("/part", "view", lambda: "part")
    app.register_blueprint(around.stand_in(blueprint))
    return sorted(app.view_functions), list(app.blueprints)


@calling
def a_logger_of_an_application(around: Around) -> object:
    return around.framework.logging.create_logger(around.stand_in(around.app)).name


@calling
def the_command_line_of_an_application(around: Around) -> object:
    app = around.stand_in(around.app)
    info = around.framework.cli.ScriptInfo(create_app=lambda: app)
    return info.load_app() is app


@calling
def make_null_session(around: Around) -> object:
    return type(around.interface.make_null_session(around.stand_in(around.app))).__name__


@calling
def a_configuration_is_stood_in_for(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    app.add_url_rule("/", "view", lambda: "text")
    app.config = around.stand_in(app.config)
    return app.test_client().get("/").status


@calling
def a_provider_is_stood_in_for(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    app.add_url_rule("/", "view", lambda: {"a": 1})
    app.json = around.stand_in(app.json)
    return app.test_client().get("/").data


@calling
def an_interface_is_stood_in_for(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    app.secret_key = "secret"
    app.add_url_rule("/", "view", lambda: str(around.framework.session.setdefault("x", 1)))
    app.session_interface = around.stand_in(app.session_interface)
    with contextlib.closing(app.test_client().get("/")) as response:
        return response.status


@calling
def a_url_map_is_stood_in_for(around: Around) -> object:
    app = around.framework.Flask("app", static_folder=None)
    app.add_url_rule("/", "view", lambda: "text")
    app.url_map = around.stand_in(app.url_map)
    return app.test_client().get("/").status


def told(value: object) -> object:
    """Tell what a call gave in a form that compares."""
    if isinstance(value, (list, tuple)):
        return [told(one) for one in value]
    if isinstance(value, mock.NonCallableMock):
        return "a mock"
    return value


def story(framework: Framework, name: str, kind: str) -> object:
    app = framework.Flask("app", static_folder=None)
    app.secret_key = "secret"
    app.add_url_rule("/", "index", lambda: "index")
    environ = {"HTTP_COOKIE": "session=eyJhIjoxfQ.x.y; other=1"}
    with app.test_request_context("/", environ_overrides=environ) as context:
        around = Around(
            *(framework, app, context, context.request, context.session, framework.Response("text")),
            STAND_INS[kind],
        )
        request = context.request
        try:
            return told(CALLS[name](around))
        except Exception as error:
            return f"raises {type(error).__name__}"
        finally:
            context.request = request


def tell(framework: Framework, name: str, kind: str) -> str:
    """Tell how a call ends, in context variables of its own."""
    with warnings.catch_warnings():
        # Erlen's applications are coroutine functions for those who ask, so a mock of one gives a coroutine
        # where a client calls it, and the client does not await it.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        try:
            told = str(contextvars.copy_context().run(story, framework, name, kind))
        except Exception as error:
            told = f"the end raises {type(error).__name__}"
        if "client" in name:
            gc.collect()
    return told.replace("ThroughSeams", "Flask").replace("Erlen", "Flask")


@pytest.mark.parametrize("kind", STAND_INS)
@pytest.mark.parametrize("name", CALLS)
def test_what_stands_in_for_an_object_is_taken_where_flask_takes_it(name: str, kind: str) -> None:
    flask, straight, through_seams = (tell(framework, name, kind) for framework in FRAMEWORKS)
    # A mock of a class has more attributes where the class has more: what is an error in Flask may work.
    if not flask.endswith("Error"):
        assert straight == flask
        assert through_seams == flask


def test_the_objects_themselves_are_taken_everywhere() -> None:
    fail = [name for name in CALLS if tell(erlen, name, "the object").endswith("Error")]
    assert fail == ["raise routing exception"]


@pytest.mark.parametrize("kind", STAND_INS)
def test_a_stand_in_for_a_response_is_answered_by_asgi_as_by_wsgi(kind: str) -> None:
    def status(protocol: str) -> object:
        app = erlen.Erlen("app", static_folder=None)
        app.add_url_rule("/", "view", lambda: STAND_INS[kind](erlen.Response("text", 201)))
        try:
            with contextlib.closing(app.test_client(protocol=protocol).get("/")) as response:
                return response.status, response.data
        except Exception:
            return "an error"

    assert status("asgi") == status("wsgi")
