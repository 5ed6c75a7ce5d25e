"""Flask's import paths that lead elsewhere here, and names with an underscore that programs import."""

from __future__ import annotations

import flask
import flask.cli
import flask.json
import flask.sansio
from flask import app as app_module
from flask import cli as cli_module
from flask import helpers, json, sessions
from flask.blueprints import BlueprintSetupState as State
from flask.cli import load_dotenv, run_command, shell_command
from flask.ctx import _AppCtxGlobals, after_this_request, has_app_context
from flask.debughelpers import DebugFilesKeyError, UnexpectedUnicodeError
from flask.globals import _cv_app, _cv_request
from flask.helpers import _split_blueprint_path, get_debug_flag, get_root_path
from flask.json.provider import _default
from flask.logging import create_logger, default_handler, has_level_handler, wsgi_errors_stream
from flask.sansio.app import App
from flask.sansio.blueprints import Blueprint as SansioBlueprint
from flask.sansio.blueprints import DeferredSetupFunction
from flask.sansio.scaffold import Scaffold, _endpoint_from_view_func, find_package, setupmethod
from flask.templating import DispatchingJinjaLoader, Environment
from flask.typing import (
    AfterRequestCallable,
    BeforeRequestCallable,
    ErrorHandlerCallable,
    HeadersValue,
    ResponseValue,
)
from flask.views import http_method_funcs
from typing_extensions import assert_type

app = flask.Flask(__name__)


def name_of(given: App) -> str:
    return given.name


def name_of_either(given: Scaffold) -> str:
    return given.import_name


def record(state: State) -> None:
    name_of(state.app)


name_of(app)
name_of_either(app)
name_of_either(flask.Blueprint("b", __name__))
SansioBlueprint("b", __name__).record(record)
deferred: DeferredSetupFunction = record
before: BeforeRequestCallable = list
headers: HeadersValue = {"X-Own": ["1", "2"]}
value: ResponseValue = {"a": 1}
assert_type(flask.json.dumps({}), str)
assert_type(json.dumps({}), str)
assert_type(flask.helpers.get_root_path("a"), str)
flask.cli.with_appcontext(record)
app_module.Flask(__name__)
cli_module.AppGroup()
sessions.SecureCookieSessionInterface()
helpers.url_for("a")
flask.__version__  # error: attr-defined reportAttributeAccessIssue
flask.Markup  # error: attr-defined reportAttributeAccessIssue
from flask import escape  # error: attr-defined reportAttributeAccessIssue
from flask.helpers import locked_cached_property  # error: attr-defined reportAttributeAccessIssue
