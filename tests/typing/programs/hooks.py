"""Each hook, on an application and on a blueprint: plain, as a coroutine function, and wrong."""

from __future__ import annotations

import typing as t

from flask import Blueprint, Flask, Response, after_this_request, jsonify, redirect
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

app = Flask(__name__)
bp = Blueprint("bp", __name__, url_prefix="/bp", cli_group=None)


@app.before_request
@bp.before_request
@bp.before_app_request
def nothing() -> None: ...


@app.before_request
@bp.before_request
def maybe() -> ResponseReturnValue | None:
    return None


@app.before_request
@bp.before_app_request
def redirects() -> BaseResponse | None:
    return redirect("/")


@app.before_request
@bp.before_request
async def waits() -> None: ...


@app.before_request
def pair() -> tuple[str, int] | None:
    return "later", 503


@app.before_request  # error: type-var reportArgumentType
def number() -> int:
    return 1


@bp.before_request  # error: type-var reportArgumentType
def numbers() -> int:
    return 1


@bp.before_app_request  # error: type-var reportArgumentType
def numbers_for_all() -> int:
    return 1


@app.before_request  # error: type-var reportArgumentType
def takes(what: str) -> None: ...


@app.after_request
@bp.after_request
@bp.after_app_request
def header(response: Response) -> Response:
    response.headers["X-Own"] = "1"
    return response


@app.after_request
async def slow_header(response: Response) -> Response:
    return response


@app.after_request
def header_of_any(response: BaseResponse) -> BaseResponse:
    return response


@app.after_request  # error with Erlen: type-var reportArgumentType
def forgets(response: Response) -> None: ...


@bp.after_request  # error with Erlen: type-var reportArgumentType
def forgets_too(response: Response) -> None: ...


@bp.after_app_request  # error: type-var reportArgumentType
def takes_nothing() -> Response:
    return Response()


@app.teardown_request
@app.teardown_appcontext
@bp.teardown_request
@bp.teardown_app_request
def close(error: BaseException | None) -> None: ...


@app.teardown_request
@app.teardown_appcontext
async def close_slowly(error: BaseException | None = None) -> None: ...


@app.teardown_request  # error: type-var reportArgumentType
def closes_without_looking() -> None: ...


@app.teardown_appcontext  # error: type-var reportArgumentType
def closes_text(error: str) -> None: ...


@bp.teardown_request  # error: type-var reportArgumentType
def closes_one(error: ValueError) -> None: ...


@app.context_processor
@bp.context_processor
@bp.app_context_processor
def names() -> dict[str, t.Any]:
    return {"name": 1}


@app.context_processor
async def slow_names() -> dict[str, t.Any]:
    return {}


@app.context_processor  # error: type-var reportArgumentType
def a_list() -> list[str]:
    return []


@bp.app_context_processor  # error: type-var reportArgumentType
def no_names() -> None: ...


@app.url_value_preprocessor
@bp.url_value_preprocessor
@bp.app_url_value_preprocessor
def pull(endpoint: str | None, values: dict[str, t.Any] | None) -> None: ...


@app.url_value_preprocessor  # error: type-var reportArgumentType
def pull_one(endpoint: str | None) -> None: ...


@app.url_defaults
@bp.url_defaults
@bp.app_url_defaults
def push(endpoint: str, values: dict[str, t.Any]) -> None:
    values.setdefault("lang", "en")


@bp.url_defaults  # error: type-var reportArgumentType
def push_one(values: dict[str, t.Any]) -> None: ...


@app.shell_context_processor
def shell() -> dict[str, t.Any]:
    return {}


@app.shell_context_processor  # error: type-var reportArgumentType
def no_shell() -> list[str]:
    return []


@app.errorhandler(404)
@bp.errorhandler(404)
@bp.app_errorhandler(NotFound)
def not_found(error: NotFound) -> ResponseReturnValue:
    return {"error": error.description}, 404


@app.errorhandler(HTTPException)  # error: type-var reportArgumentType
def any_error(error: HTTPException) -> tuple[Response, int | None]:
    return jsonify(name=error.name), error.code


@app.errorhandler(ValueError)
async def value_error(error: ValueError) -> tuple[str, int]:
    return str(error), 400


@app.errorhandler("404")  # error: arg-type reportArgumentType
def by_text(error: Exception) -> str:
    return ""


@app.errorhandler(500)  # error: type-var reportArgumentType
def wrong_result(error: Exception) -> int:
    return 500


@bp.app_errorhandler(500)  # error: type-var reportArgumentType
def wrong_arguments() -> str:
    return ""


app.register_error_handler(404, not_found)
app.register_error_handler(KeyError, lambda error: ("missing", 404))
app.register_error_handler(500, wrong_result)  # error: arg-type reportArgumentType


@bp.record
def at_registration(state: BlueprintSetupState) -> None:
    state.app.config["BP"] = state.options
    state.add_url_rule("/own", "own", view_func=own)


@bp.record_once
def once(state: BlueprintSetupState) -> None:
    state.app.jinja_env.filters["own"] = str.upper
    state.app.before_request_funcs.setdefault(None, []).append(nothing)


@bp.record  # error: arg-type reportArgumentType
def without_state() -> None: ...


def own() -> str:
    @after_this_request
    def mark(response: Response) -> Response:
        response.set_cookie("own", "1")
        return response

    return "own"


app.before_request(nothing)
app.before_request_funcs.setdefault("bp", []).append(nothing)
app.before_request_funcs[None].append(1)  # error: arg-type reportArgumentType
