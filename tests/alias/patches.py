"""Replaces names of Flask's, one after the other, and looks whether the replacement is what gets used.

    python patches.py            on what `flask` is in this process; prints {name: took effect}

Each name is replaced by something that notes its use and then does what the original did. `USES` says how it
comes to be used. What takes effect on Flask must take effect on Erlen.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import werkzeug.serving
from click.testing import CliRunner

# No server is to start; whoever imports the function afterwards gets this one.
werkzeug.run_simple = werkzeug.serving.run_simple = lambda *args, **kwargs: None

import flask  # noqa: E402
from flask import Blueprint, Flask, g, session  # noqa: E402
from flask import cli as flask_cli  # noqa: E402
from flask import json as flask_json  # noqa: E402
from flask.views import MethodView, View  # noqa: E402

USES: dict[str, Callable[[], Any]] = {}
PLACE = Path(tempfile.mkdtemp())


def used_by(*names: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Say which names a piece of code uses, by their full paths."""

    def register(use: Callable[[], Any]) -> Callable[[], Any]:
        USES.update(dict.fromkeys(names, use))
        return use

    return register


def small_app() -> Flask:
    app = Flask("patched", root_path=str(PLACE))
    app.secret_key = "k"
    app.add_url_rule("/", "index", lambda: {"a": 1})
    app.logger.disabled = True
    app.add_url_rule("/fail", "fail", lambda: 1 / 0)
    app.add_url_rule("/session", "session", lambda: session.setdefault("a", "b"))
    app.add_url_rule("/template", "template", lambda: flask.render_template_string("{{ g }}"))
    app.add_url_rule("/url", "url", lambda: flask.url_for("index"))
    return app


def _app_method(*names: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    return used_by(*(f"flask.Flask.{name}" for name in names))


# -- the application (INTERNALS, section 3)


@_app_method("__call__", "wsgi_app", "request_context", "full_dispatch_request", "preprocess_request")
@_app_method(
    "dispatch_request", "make_response", "process_response", "finalize_request", "create_url_adapter"
)
@_app_method("ensure_sync", "app_context", "do_teardown_request", "do_teardown_appcontext")
@used_by(
    "flask.ctx.RequestContext.push", "flask.ctx.RequestContext.pop", "flask.ctx.RequestContext.match_request"
)
@used_by("flask.ctx.AppContext.push", "flask.ctx.AppContext.pop")
@used_by("flask.sessions.SecureCookieSessionInterface.open_session")
@used_by("flask.sessions.SecureCookieSessionInterface.save_session")
@used_by("flask.sessions.SecureCookieSessionInterface.get_signing_serializer")
def a_request() -> None:
    app = small_app()
    assert app.test_client().get("/session").text == "b"


@_app_method("handle_user_exception", "handle_exception", "log_exception")
def a_failing_request() -> None:
    assert small_app().test_client().get("/fail").status_code == 500


@_app_method("handle_http_exception", "raise_routing_exception")
def a_missing_page() -> None:
    assert small_app().test_client().get("/nowhere").status_code == 404


@_app_method("make_default_options_response")
def an_options_request() -> None:
    assert small_app().test_client().options("/").status_code == 200


@_app_method("inject_url_defaults", "url_for")
def a_link() -> None:
    assert small_app().test_client().get("/url").text == "/"


@_app_method("handle_url_build_error")
def a_link_to_nowhere() -> None:
    app = small_app()
    with app.test_request_context(), contextlib.suppress(Exception):
        app.url_for("nowhere")


@_app_method("update_template_context", "create_jinja_environment", "create_global_jinja_loader")
@_app_method("select_jinja_autoescape")
@used_by("flask.templating._render")
def a_template() -> None:
    (PLACE / "templates").mkdir(exist_ok=True)
    (PLACE / "templates" / "page.html").write_text("page")
    app = small_app()
    with app.app_context():
        assert flask.render_template("page.html") == "page"


@_app_method("__init__", "add_url_rule", "make_config", "make_aborter", "auto_find_instance_path")
@used_by("flask.Flask.config_class", "flask.Flask.json_provider_class")
@used_by("flask.Flask.aborter_class", "flask.Flask.url_map_class")
def a_new_application() -> None:
    app = Flask("new")
    app.add_url_rule("/", "index", lambda: "x")


@_app_method("route", "get", "post", "endpoint", "before_request", "after_request", "teardown_request")
@_app_method("errorhandler", "register_error_handler", "context_processor", "register_blueprint")
@_app_method(
    "shell_context_processor",
    "template_filter",
    "add_template_filter",
    "url_defaults",
    "url_value_preprocessor",
)
def a_set_up() -> None:
    app = Flask("set up")
    app.route("/")(lambda: "x")
    app.get("/g", endpoint="g")(lambda: "x")
    app.post("/p", endpoint="p")(lambda: "x")
    app.endpoint("e")(lambda: "x")
    app.before_request(lambda: None)
    app.after_request(lambda response: response)
    app.teardown_request(lambda error: None)
    app.errorhandler(404)(lambda error: "x")
    app.context_processor(dict)
    app.template_filter("f")(len)
    app.url_defaults(lambda endpoint, values: None)
    app.url_value_preprocessor(lambda endpoint, values: None)
    app.shell_context_processor(dict)
    app.register_blueprint(Blueprint("b", "b"))


@_app_method("send_static_file", "get_send_file_max_age")
def a_static_file() -> None:
    (PLACE / "static").mkdir(exist_ok=True)
    (PLACE / "static" / "a.txt").write_text("a")
    app = small_app()
    assert app.test_client().get("/static/a.txt").text == "a"


@_app_method("open_resource", "open_instance_resource")
def a_resource() -> None:
    (PLACE / "r.txt").write_text("r")
    (PLACE / "instance").mkdir(exist_ok=True)
    (PLACE / "instance" / "i.txt").write_text("i")
    app = Flask("resources", root_path=str(PLACE), instance_path=str(PLACE / "instance"))
    app.open_resource("r.txt").close()
    app.open_instance_resource("i.txt").close()


@_app_method("test_client", "test_request_context", "test_cli_runner")
@_app_method("make_shell_context")
@used_by("flask.Flask.test_client_class", "flask.testing.FlaskClient", "flask.testing.FlaskCliRunner")
@used_by("flask.testing.EnvironBuilder", "flask.testing.FlaskClient.open")
def a_test_client() -> None:
    app = small_app()
    app.test_client().get("/")
    app.test_request_context("/").request.close()
    app.test_cli_runner().invoke(args=["--help"])
    app.make_shell_context()


@used_by("flask.Flask")
def an_import_of_the_class() -> None:
    from flask import Flask as imported

    imported("x")


@used_by("flask.Flask.async_to_sync")
def a_coroutine() -> None:
    app = small_app()

    async def view() -> str:
        return "async"

    app.add_url_rule("/async", "async", view)
    assert app.test_client().get("/async").text == "async"


@used_by("flask.Flask.response_class")
def a_response() -> None:
    assert small_app().test_client().get("/").json == {"a": 1}


@used_by("flask.Flask.request_class")
def a_request_object() -> None:
    small_app().test_request_context("/").request.close()


@used_by("flask.Flask.session_interface")
def a_session() -> None:
    a_request()


# -- JSON, templates, blueprints, views, sessions


@used_by("flask.json._json")
def json_outside_of_an_application() -> None:
    assert flask_json.dumps([1]) == "[1]"
    assert flask_json.loads("[1]") == [1]


@used_by("flask.json.provider.DefaultJSONProvider.default")
def json_of_something_unknown() -> None:
    with contextlib.suppress(TypeError):
        small_app().json.dumps(object())


@used_by("flask.json.provider.DefaultJSONProvider.dumps", "flask.json.provider.DefaultJSONProvider.response")
def json_of_a_view() -> None:
    assert small_app().test_client().get("/").json == {"a": 1}


@used_by("flask.json.provider.DefaultJSONProvider.loads")
def json_of_a_client() -> None:
    app = small_app()
    with app.test_request_context("/", method="POST", json={"a": 1}):
        assert flask.request.json == {"a": 1}


@used_by(
    "flask.json.tag.TaggedJSONSerializer.dumps",
    "flask.sessions.SecureCookieSessionInterface.session_class",
)
def a_session_that_is_saved() -> None:
    a_request()


@used_by("flask.Blueprint.__init__", "flask.Blueprint.register", "flask.Blueprint.route")
@used_by(
    "flask.Blueprint.add_url_rule", "flask.Blueprint.register_blueprint", "flask.Blueprint.make_setup_state"
)
@used_by("flask.blueprints.BlueprintSetupState.add_url_rule")
@used_by(
    "flask.sansio.blueprints.BlueprintSetupState",
    "flask.Blueprint.record",
    "flask.Blueprint._merge_blueprint_funcs",
)
def a_blueprint() -> None:
    part, inner = Blueprint("part", "part"), Blueprint("inner", "inner")
    part.route("/a")(lambda: "a")
    part.register_blueprint(inner)
    small_app().register_blueprint(part)


@used_by("flask.views.View.as_view", "flask.views.MethodView.dispatch_request")
def a_class_of_views() -> None:
    class Own(MethodView):
        def get(self) -> str:
            return "got"

    app = small_app()
    app.add_url_rule("/own", view_func=Own.as_view("own"))
    assert app.test_client().get("/own").text == "got"
    assert issubclass(Own, View)


@used_by("flask.config.Config.from_object", "flask.config.Config.from_mapping", "flask.config.Config.get")
@used_by(
    "flask.config.Config.update", "flask.config.Config.from_pyfile", "flask.config.Config.from_prefixed_env"
)
def configuration() -> None:
    (PLACE / "c.py").write_text("A = 1")
    config = small_app().config
    config.from_object(object())
    config.from_mapping(A=1)
    config.update(A=2)
    config.from_pyfile("c.py")
    config.from_prefixed_env()
    config.get("A")


@used_by("flask.sansio.app.create_logger")
def a_logger() -> None:
    small_app().logger.name  # noqa: B018


@used_by("flask.helpers.get_debug_flag")
def the_debug_flag() -> None:
    flask.helpers.get_debug_flag()


# -- the command line (INTERNALS, section 6)


def run_command_line(*arguments: str, app: Flask | None = None) -> Any:
    group = flask_cli.FlaskGroup(create_app=lambda: app or small_app())
    return CliRunner().invoke(group, arguments, catch_exceptions=False)


@contextlib.contextmanager
def a_module(text: str) -> Iterator[None]:
    (PLACE / "app.py").write_text(text)
    old = os.getcwd()
    os.chdir(PLACE)
    try:
        yield
    finally:
        os.chdir(old)
        sys.modules.pop("app", None)
        with contextlib.suppress(ValueError):
            sys.path.remove(str(PLACE))


HELLO = "from flask import Flask\napp = Flask(__name__)\n"


@used_by("flask.cli.with_appcontext")
def a_command_of_an_application() -> None:
    app = small_app()

    @app.cli.command("own")
    def own() -> None:
        assert flask.current_app

    assert run_command_line("own", app=app).exit_code == 0


@used_by("flask.cli.AppGroup.command", "flask.cli.AppGroup.group")
def a_group_of_an_application() -> None:
    app = small_app()
    app.cli.command("own")(lambda: None)
    app.cli.group("more")(lambda: None)


@used_by("flask.cli.FlaskGroup", "flask.cli.FlaskGroup.get_command", "flask.cli.FlaskGroup.list_commands")
@used_by("flask.cli.FlaskGroup.make_context", "flask.cli.FlaskGroup.parse_args", "flask.cli.ScriptInfo")
@used_by(
    "flask.cli.ScriptInfo.load_app",
    "flask.cli.load_dotenv",
    "flask.cli.run_command",
    "flask.cli.shell_command",
)
@used_by("flask.cli.routes_command", "flask.cli.FlaskGroup._load_plugin_commands")
def the_list_of_commands() -> None:
    assert "routes" in run_command_line("--help").output
    run_command_line("routes")


@used_by("flask.testing.ScriptInfo")
def a_runner() -> None:
    small_app().test_cli_runner().invoke(args=["--help"])


@used_by("flask.cli.find_best_app", "flask.cli.locate_app", "flask.cli.prepare_import")
def discovery() -> None:
    with a_module(HELLO):
        assert flask_cli.ScriptInfo().load_app().name == "app"


@used_by("flask.cli.find_app_by_string")
def discovery_by_name() -> None:
    with a_module(HELLO):
        assert flask_cli.ScriptInfo(app_import_path="app:app").load_app().name == "app"


@used_by("flask.cli.NoAppException")
def discovery_that_finds_nothing() -> None:
    with a_module("nothing = 1\n"), contextlib.suppress(flask_cli.NoAppException):
        flask_cli.ScriptInfo().load_app()


@used_by("flask.cli.cli", "flask.cli.main")
def the_program() -> None:
    old, sys.argv = sys.argv, ["flask", "--version"]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            flask_cli.main()
    finally:
        sys.argv = old


@used_by("flask.cli.run_simple", "flask.cli.show_server_banner", "flask.cli.click")
def the_run_command() -> None:
    run_command_line("run", "--no-reload", "--no-debugger")


@used_by("werkzeug.serving.run_simple", "flask.Flask.run")
def run_by_hand() -> None:
    os.environ.pop("FLASK_RUN_FROM_CLI", None)  # the command of the same name has set it
    with contextlib.redirect_stdout(io.StringIO()):
        small_app().run()


# -- the test client


@used_by("flask.testing.FlaskClient.session_transaction", "flask.testing.FlaskClient._add_cookies_to_wsgi")
@used_by("flask.testing.FlaskClient._update_cookies_from_response", "flask.testing.FlaskClient.get_cookie")
@used_by("flask.testing.FlaskClient.set_cookie", "flask.testing.FlaskClient.delete_cookie")
@used_by("flask.testing.FlaskClient._request_from_builder_args", "flask.testing.FlaskClient._copy_environ")
def a_client_with_cookies() -> None:
    client = small_app().test_client()
    with client.session_transaction() as stored:
        stored["a"] = "c"
    assert client.get("/session").text == "c"
    assert client.environ_base["REMOTE_ADDR"] == "127.0.0.1"
    client.set_cookie("x", "y")
    assert client.get_cookie("x") is not None
    client.delete_cookie("x")
    with client:
        client.get("/session")
        g.get("x")


def took_effect(name: str) -> bool:
    """Replace one name, use it, put it back; say whether the replacement was used."""
    owner, attribute = _owner_of(name)
    original = _raw(owner, attribute)
    inherited = isinstance(owner, type) and attribute not in vars(owner)
    uses: list[str] = []
    setattr(owner, attribute, _noting(original, uses))
    try:
        USES[name]()
    finally:
        if inherited:
            delattr(owner, attribute)
        else:
            setattr(owner, attribute, original)
    return bool(uses)


def _owner_of(name: str) -> tuple[Any, str]:
    path, _, attribute = name.rpartition(".")
    try:
        return importlib.import_module(path), attribute
    except ModuleNotFoundError:
        module, _, cls = path.rpartition(".")
        return getattr(importlib.import_module(module), cls), attribute


def _raw(owner: Any, attribute: str) -> Any:
    """Give what is stored: of a class method or a static method the descriptor itself."""
    if isinstance(owner, type):
        for cls in owner.__mro__:
            if attribute in vars(cls):
                return vars(cls)[attribute]
    return getattr(owner, attribute)


def _noting(original: Any, uses: list[str]) -> Any:
    """Make a stand-in that notes that it is used."""
    if isinstance(original, (staticmethod, classmethod)):
        return type(original)(_noting(original.__func__, uses))
    if isinstance(original, type):
        return _noting_class(original, uses)
    if inspect.isroutine(original):

        @functools.wraps(original)
        def function(*args: Any, **kwargs: Any) -> Any:
            uses.append("called")
            return original(*args, **kwargs)

        return function
    return _noting_object(original, uses)


def _noting_class(original: type, uses: list[str]) -> type:
    class Noting(original):  # type: ignore[misc]
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            uses.append("made")
            new = original.__new__
            return new(cls) if new is object.__new__ else new(cls, *args, **kwargs)

    Noting.__name__ = original.__name__
    Noting.__qualname__ = original.__qualname__
    return Noting


def _noting_object(original: Any, uses: list[str]) -> Any:
    class Stand:
        def __getattr__(self, name: str) -> Any:
            uses.append(name)
            return getattr(original, name)

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            uses.append("called")
            return original(*args, **kwargs)

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            uses.append("looked up")
            return original

    return Stand()


def main() -> None:
    told: dict[str, bool | str] = {}
    for name in USES:
        try:
            told[name] = took_effect(name)
        except Exception as error:
            told[name] = f"{type(error).__name__}: {error}"
    print(json.dumps(told))


if __name__ == "__main__":
    main()
