"""An application, its factory, and a class of one's own."""

from __future__ import annotations

import typing as t
from pathlib import Path

from flask import Blueprint, Config, Flask, Request, Response, current_app
from flask.json.provider import DefaultJSONProvider, JSONProvider
from flask.sessions import SecureCookieSessionInterface, SessionInterface
from flask.testing import FlaskClient, FlaskCliRunner
from flask.typing import ResponseReturnValue
from jinja2 import BaseLoader, DictLoader
from typing_extensions import assert_type
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response as BaseResponse


def create_app(settings: dict[str, t.Any] | None = None) -> Flask:
    app = Flask(__name__, static_folder=Path("assets"), template_folder=None, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY="dev")
    app.config.update(settings or {})
    app.secret_key = b"bytes or text"
    app.secret_key = "text"
    app.secret_key = None
    app.testing = True
    app.debug = False
    app.json.sort_keys = False  # error: attr-defined reportAttributeAccessIssue
    app.jinja_env.trim_blocks = True
    app.jinja_env.filters["shout"] = str.upper
    app.jinja_options = {"trim_blocks": True}
    app.url_map.strict_slashes = False
    app.url_map.converters["own"] = app.url_map.converters["int"]
    app.extensions["own"] = object()
    app.wsgi_app = Middleware(app.wsgi_app)  # type: ignore[method-assign]
    app.session_interface = SecureCookieSessionInterface()
    app.request_class = OwnRequest
    app.response_class = OwnResponse
    return app


def create_nothing() -> Flask:
    return None  # error: return-value reportReturnType


def configure(app: Flask) -> None:
    assert_type(app.config, Config)
    assert_type(app.debug, bool)
    assert_type(app.testing, bool)
    assert_type(app.name, str)
    assert_type(app.import_name, str)
    assert_type(app.root_path, str)
    assert_type(app.instance_path, str)
    assert_type(app.static_folder, str | None)
    assert_type(app.url_map, Map)
    assert_type(app.secret_key, str | bytes | None)
    assert_type(app.test_client(), FlaskClient)
    assert_type(app.test_cli_runner(), FlaskCliRunner)
    app.nothing_of_this_name()  # error: attr-defined reportAttributeAccessIssue
    app.config["ANY"].anything()
    app.register_blueprint(Blueprint("b", __name__), url_prefix="/b")
    app.register_blueprint("b")  # error: arg-type reportArgumentType
    with app.app_context() as context:
        context.push()
    with app.test_request_context("/", method="POST", json={}) as request_context:
        assert_type(request_context.request, Request)
    app.run(debug=True, port=5001)


class Middleware:
    def __init__(self, wsgi_app: t.Callable[..., t.Iterable[bytes]]) -> None:
        self.wsgi_app = wsgi_app

    def __call__(
        self, environ: dict[str, t.Any], start_response: t.Callable[..., t.Any]
    ) -> t.Iterable[bytes]:
        return self.wsgi_app(environ, start_response)


class OwnConfig(Config):
    def from_mapping(self, mapping: t.Mapping[str, t.Any] | None = None, **kwargs: t.Any) -> bool:
        return super().from_mapping(mapping, **kwargs)


class OwnRequest(Request):
    max_content_length = 1_000_000  # error with Flask: reportAssignmentType reportIncompatibleMethodOverride

    @property
    def tenant(self) -> str:
        return self.host.partition(".")[0]

    def on_json_loading_failed(self, e: ValueError | None) -> t.Any:
        return super().on_json_loading_failed(e)


class OwnResponse(Response):
    default_mimetype = "application/json"

    def set_own(self, value: str) -> None:
        self.headers["X-Own"] = value


class OwnJSON(DefaultJSONProvider):
    sort_keys = False
    ensure_ascii = False
    compact = True


class OwnClient(FlaskClient):
    def log_in(self, name: str) -> None:
        with self.session_transaction() as session:
            session["name"] = name
        response = self.post("/login", data={"name": name})
        assert_type(response.status_code, int)
        assert_type(response.get_data(as_text=True), str)


class OwnRule(Rule):
    pass


class Own(Flask):
    request_class = OwnRequest
    response_class = OwnResponse
    config_class = OwnConfig
    json_provider_class = OwnJSON
    test_client_class = OwnClient
    session_interface = SecureCookieSessionInterface()
    url_rule_class = OwnRule
    jinja_options = {"trim_blocks": True}

    def __init__(self, import_name: str, *, title: str = "") -> None:
        super().__init__(import_name, static_folder=None)
        self.title = title

    def make_config(self, instance_relative: bool = False) -> Config:
        return super().make_config(instance_relative)

    def make_response(self, rv: ResponseReturnValue) -> Response:
        return super().make_response(rv)

    def full_dispatch_request(self) -> Response:
        return super().full_dispatch_request()

    def preprocess_request(self) -> ResponseReturnValue | None:
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        return super().dispatch_request()

    def process_response(self, response: Response) -> Response:
        return super().process_response(response)

    def handle_exception(self, e: Exception) -> Response:
        return super().handle_exception(e)

    def handle_user_exception(self, e: Exception) -> HTTPException | ResponseReturnValue:
        return super().handle_user_exception(e)

    def handle_http_exception(self, e: HTTPException) -> HTTPException | ResponseReturnValue:
        return super().handle_http_exception(e)

    def create_global_jinja_loader(self) -> t.Any:
        return super().create_global_jinja_loader()

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        return filename is None or filename.endswith(".html")

    def ensure_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        return super().ensure_sync(func)

    def redirect(self, location: str, code: int = 303) -> BaseResponse:
        return super().redirect(location, code)

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        return 60 if filename else None

    def wsgi_app(self, environ: t.Any, start_response: t.Any) -> t.Any:
        return super().wsgi_app(environ, start_response)


class Wrong(Flask):
    def make_response(self, rv: int) -> str:  # error: override reportIncompatibleMethodOverride
        return str(rv)


def create_own() -> Flask:
    app = Own(__name__, title="own")
    assert_type(app.title, str)
    provider: JSONProvider = app.json
    provider.dumps({})
    interface: SessionInterface = app.session_interface
    interface.get_cookie_name(app)
    loader: BaseLoader = DictLoader({})
    app.jinja_loader = loader  # error: reportAttributeAccessIssue
    return app


own_name: str = current_app.name
