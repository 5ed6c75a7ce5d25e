"""Classes that applications derive theirs from."""

from __future__ import annotations

import typing as t
from datetime import datetime

import click
from flask import Blueprint, Flask, Request, Response
from flask.cli import AppGroup, FlaskGroup, ScriptInfo, pass_script_info, with_appcontext
from flask.config import Config, ConfigAttribute
from flask.ctx import AppContext, RequestContext, _AppCtxGlobals
from flask.json import dumps, loads
from flask.json.provider import JSONProvider
from flask.json.tag import JSONTag, TaggedJSONSerializer
from flask.sessions import (
    NullSession,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
    SessionMixin,
)
from flask.templating import Environment
from flask.testing import EnvironBuilder, FlaskClient, FlaskCliRunner
from typing_extensions import assert_type
from werkzeug.datastructures import CallbackDict
from werkzeug.routing import BaseConverter, IntegerConverter
from werkzeug.test import TestResponse


class StoredSession(CallbackDict[str, t.Any], SessionMixin):  # error: reportIncompatibleMethodOverride
    def __init__(self, initial: dict[str, t.Any] | None = None, sid: str = "") -> None:
        super().__init__(initial)
        self.sid = sid


class DictSession(dict[str, t.Any], SessionMixin):
    pass


class StoredSessions(SessionInterface):
    def open_session(self, app: Flask, request: Request) -> StoredSession | None:
        sid = request.cookies.get(self.get_cookie_name(app))
        return StoredSession(sid=sid or "new")

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        domain, path = self.get_cookie_domain(app), self.get_cookie_path(app)
        if not session:
            response.delete_cookie(self.get_cookie_name(app), domain=domain, path=path)
            return
        assert_type(self.get_expiration_time(app, session), datetime | None)
        response.set_cookie(self.get_cookie_name(app), "sid", expires=self.get_expiration_time(app, session))


class NarrowSessions(SessionInterface):
    def open_session(self, app: Flask, request: Request) -> StoredSession:
        return StoredSession()

    def save_session(  # error: reportIncompatibleMethodOverride
        self,
        app: Flask,
        session: StoredSession,  # error: override
        response: Response,
    ) -> None: ...

    def is_null_session(self, obj: object) -> bool:
        return False

    def make_null_session(self, app: Flask) -> NullSession:
        return super().make_null_session(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return not app.debug

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return session.modified


class CookieSessions(SecureCookieSessionInterface):
    salt = "own"
    session_class = SecureCookieSession

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith("/static"):
            return None
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        super().save_session(app, session, response)


class TextSessions(SessionInterface):
    def open_session(  # error with Flask: reportIncompatibleMethodOverride
        self,
        app: str,  # error with Flask: override
        request: Request,
    ) -> None: ...


class OwnJSON(JSONProvider):
    def __init__(self, app: Flask) -> None:
        super().__init__(app)

    def dumps(self, obj: t.Any, *, option: int | None = None, **kwargs: t.Any) -> str:
        return dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        return loads(s, **kwargs)

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        text = self.dumps(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(text)  # error with Flask: return-value reportReturnType


class BytesJSON(JSONProvider):
    def dumps(self, obj: t.Any, **kwargs: t.Any) -> bytes:  # error: override reportIncompatibleMethodOverride
        return b""


class Tag(JSONTag):
    __slots__ = ()
    key = " own"

    def check(self, value: t.Any) -> bool:
        return isinstance(value, set)

    def to_json(self, value: t.Any) -> t.Any:
        return list(value)

    def to_python(self, value: t.Any) -> t.Any:
        return set(value)


serializer = TaggedJSONSerializer()
serializer.register(Tag, index=0)


class OwnBlueprint(Blueprint):
    def __init__(self, name: str, import_name: str, *, version: int = 1) -> None:
        super().__init__(name, import_name, url_prefix=f"/v{version}")
        self.version = version

    def register(self, app: t.Any, options: dict[str, t.Any]) -> None:
        options.setdefault("url_prefix", "/own")
        super().register(app, options)


class OwnClient(FlaskClient):
    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        self.token = kwargs.pop("token", "")
        super().__init__(*args, **kwargs)

    def open(
        self, *args: t.Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: t.Any
    ) -> TestResponse:
        kwargs.setdefault("headers", {})["Authorization"] = self.token
        return super().open(*args, buffered=buffered, follow_redirects=follow_redirects, **kwargs)


class OwnRunner(FlaskCliRunner):
    def invoke(  # type: ignore[override]
        self, cli: t.Any = None, args: t.Any = None, **kwargs: t.Any
    ) -> t.Any:
        return super().invoke(cli, args, **kwargs)


class OwnGlobals(_AppCtxGlobals):
    user: str | None = None


class OwnEnvironment(Environment):
    def __init__(self, app: Flask, **options: t.Any) -> None:
        super().__init__(app, **options)


class OwnConfig(Config):
    def __getitem__(self, key: str) -> t.Any:
        return super().__getitem__(key)


class Even(BaseConverter):
    regex = r"\d*[02468]"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: t.Any) -> str:
        return str(value)


class Application(Flask):
    config_class = OwnConfig
    test_client_class = OwnClient
    test_cli_runner_class = OwnRunner
    json_provider_class = OwnJSON
    app_ctx_globals_class = OwnGlobals
    jinja_environment = OwnEnvironment  # error with Flask: assignment
    session_interface: SessionInterface = StoredSessions()
    title = ConfigAttribute[str]("TITLE")

    def request_context(self, environ: t.Any) -> RequestContext:
        return super().request_context(environ)

    def app_context(self) -> AppContext:
        return super().app_context()


app = Application(__name__)
assert_type(app.title, str)
app.json = OwnJSON(app)
app.session_interface = CookieSessions()
app.session_interface = "none"  # error: assignment reportAttributeAccessIssue
app.url_map.converters["even"] = Even
app.url_map.converters["number"] = IntegerConverter
builder = EnvironBuilder(app, "/", method="POST", data={"a": "1"})

group = AppGroup("own", help="Own commands.")


@group.command("one")
@click.argument("name")
def one(name: str) -> None: ...


@app.cli.command("two")
@with_appcontext
def two() -> None: ...


@app.cli.group()
def three() -> None: ...


@click.command()
@pass_script_info
def four(info: ScriptInfo) -> None:
    assert_type(info.load_app(), Flask)


@click.group(cls=FlaskGroup, create_app=lambda: app)
def manage() -> None: ...


app.cli.add_command(group)
bp = Blueprint("bp", __name__, cli_group="bp")


@bp.cli.command("five")
def five() -> None: ...


with app.test_client(token="t") as client:
    response = client.get("/", query_string={"a": 1})
    assert_type(response.status, str)
    response.json["a"]  # error: index reportOptionalSubscript
    client.set_cookie("a", "1")
    with client.session_transaction() as transaction:
        assert_type(transaction, SessionMixin)
        transaction["a"] = 1
runner = app.test_cli_runner(mix_stderr=False)
assert_type(runner.invoke(args=["one", "x"]).output, str)
