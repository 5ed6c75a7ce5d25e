"""Routes and what their views may return, functions and classes."""

from __future__ import annotations

import typing as t
from collections.abc import AsyncIterator, Iterator

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    get_flashed_messages,
    jsonify,
    make_response,
    redirect,
    render_template,
    render_template_string,
    request,
    send_file,
    send_from_directory,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue, RouteCallable
from flask.views import MethodView, View
from typing_extensions import assert_type
from werkzeug.wrappers import Response as BaseResponse

app = Flask(__name__)
bp = Blueprint("bp", __name__)


class Point(t.TypedDict):
    x: int
    y: int


@app.route("/")
@bp.route("/", methods=["GET", "POST"], defaults={"page": 1}, strict_slashes=False)
def index() -> str:
    return render_template("index.html", name=1)


@app.get("/<int:number>")
@bp.get("/<int:number>", endpoint="other")
def get(number: int) -> tuple[str, int]:
    return str(number), 201


@app.post("/")
def post() -> tuple[dict[str, t.Any], int, dict[str, str]]:
    return {}, 201, {"X-Own": "1"}


@app.put("/")
def put() -> dict[str, t.Any]:
    return {}


@app.patch("/")
def patch() -> list[int]:
    return [1]


@app.delete("/")
def delete() -> tuple[str, dict[str, str]]:
    return "", {}


@app.route("/typed")
def typed() -> Point:
    return {"x": 1, "y": 2}


@app.route("/pairs")
def pairs() -> tuple[str, int, list[tuple[str, str]]]:
    return "", 200, [("X-Own", "1")]


@app.route("/json")
def as_json() -> Response:
    return jsonify([1, 2], a=1)


@app.route("/redirect")
def elsewhere() -> BaseResponse:
    return redirect(url_for("index", _external=True, page=2), 303)


@app.route("/redirect-ours")
def elsewhere_too() -> Response:
    return redirect("/")  # error: return-value reportReturnType


@app.route("/stream")
def stream() -> Response:
    @stream_with_context
    def pieces() -> Iterator[str]:
        yield request.path

    return Response(pieces(), mimetype="text/plain")  # error: call-arg reportCallIssue


@app.route("/stream-wrapped")
def stream_wrapped() -> Iterator[str]:
    def pieces() -> Iterator[str]:
        yield request.path

    return stream_with_context(pieces())


@app.route("/async")
async def coroutine() -> ResponseReturnValue:
    return "async"


@app.route("/async-pieces")
async def coroutine_pieces() -> AsyncIterator[bytes]:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"

    return pieces()


@app.route("/file")
def file() -> Response:
    if request.args.get("attached", type=bool):
        return send_from_directory("files", "a.txt", as_attachment=True)
    return send_file("a.txt", mimetype="text/plain", max_age=60)


@app.route("/made")
def made() -> ResponseReturnValue:
    response = make_response("text", 201, {"X-Own": "1"})
    assert_type(response, Response)
    response.set_cookie("a", "1", httponly=True, samesite="Lax")
    response.headers.add("X-Own", "2")
    response.status_code = 202
    return response


@app.route("/union")
def union() -> str | BaseResponse:
    return "text" if request.is_json else redirect("/")


@app.route("/stop")
def stop() -> t.NoReturn:
    abort(404, description="gone")


@app.route("/flash")
def flashes() -> str:
    flash("saved", "info")
    for message in get_flashed_messages(with_categories=True):
        print(message)
    return render_template_string("{{ x }}", x=1)


@app.route("/untyped")
def untyped():  # type: ignore[no-untyped-def]
    return "anything"


@app.route("/number")  # error: type-var reportArgumentType
def number() -> int:
    return 1


@app.get("/none")  # error with Flask: type-var reportArgumentType
def none() -> None: ...


@bp.post("/text-status")  # error: type-var reportArgumentType
def text_status() -> tuple[int, str]:
    return 200, "OK"


@app.put("/async-number")  # error: type-var reportArgumentType
async def async_number() -> int:
    return 1


@app.get("/set")  # error: type-var reportArgumentType
def a_set() -> set[str]:
    return set()


@app.endpoint("index")
@bp.endpoint("index")
def by_endpoint() -> str:
    return ""


app.add_url_rule("/added", view_func=index)
app.add_url_rule("/added", "added", index, methods=["GET"])
bp.add_url_rule("/added", "added", index, provide_automatic_options=False)
app.add_url_rule("/added", view_func=number)  # error: arg-type reportArgumentType
app.route(1)  # error: arg-type reportArgumentType

assert_type(index(), str)
assert_type(get(1), tuple[str, int])


class Page(View):
    methods = ["GET", "POST"]
    decorators = [staticmethod]
    init_every_request = False

    def __init__(self, template: str) -> None:
        self.template = template

    def dispatch_request(self) -> ResponseReturnValue:
        return render_template(self.template)


class Item(View):
    def dispatch_request(self, id: int) -> str:  # error: override reportIncompatibleMethodOverride
        return str(id)


class WrongPage(View):
    def dispatch_request(self) -> int:  # error: override reportIncompatibleMethodOverride
        return 1


class Items(MethodView):
    decorators: t.ClassVar[list[t.Callable[..., t.Any]]] = []

    def get(self, id: int | None = None) -> ResponseReturnValue:
        return [] if id is None else {"id": id}

    async def post(self) -> ResponseReturnValue:
        return "", 201


view: RouteCallable = Page.as_view("page", "page.html")
app.add_url_rule("/page", view_func=Page.as_view("page", template="page.html"))
bp.add_url_rule("/items", view_func=Items.as_view("items"), methods=["GET", "POST"])
