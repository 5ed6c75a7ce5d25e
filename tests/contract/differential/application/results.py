"""What views return."""

from __future__ import annotations

import collections
import datetime
import decimal
import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from flask import (
    Flask,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    render_template_string,
    request,
    send_file,
    send_from_directory,
    stream_template,
    stream_template_string,
    stream_with_context,
)
from markupsafe import Markup
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response as WerkzeugResponse

from .events import note

Pair = collections.namedtuple("Pair", "left right")


class Text(str):
    """A string of a class of its own."""


class Closing:
    """A body that notes when it is closed."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"open"

    def close(self) -> None:
        note("body closed")


def _plain_wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("202 Accepted", [("X-Wsgi", environ["REQUEST_METHOD"]), ("X-Wsgi", "twice")])
    return [b"from ", b"wsgi"]


def _with_cookie() -> Response:
    response = make_response("cookies")
    response.set_cookie("a", "1", max_age=60, path="/x", secure=True, httponly=True, samesite="Strict")
    response.set_cookie("b", "ü; and more", domain="shop.test")
    response.delete_cookie("c")
    return response


def _conditional() -> Response:
    response = make_response("conditional content")
    response.set_etag("version-1")
    response.last_modified = datetime.datetime(2024, 5, 1, tzinfo=datetime.timezone.utc)
    return response.make_conditional(request, accept_ranges=True, complete_length=19)


RESULTS: dict[str, Callable[[], Any]] = {
    "text": lambda: "text",
    "empty": lambda: "",
    "unicode": lambda: "größe ☃",
    "bytes": lambda: b"bytes",
    "bytearray": lambda: bytearray(b"bytes"),
    "memoryview": lambda: memoryview(b"bytes"),
    "text-class": lambda: Text("text"),
    "markup": lambda: Markup("<b>"),
    "dict": lambda: {"b": 1, "a": [None, True, 1.5]},
    "ordered": lambda: collections.OrderedDict(b=1, a=2),
    "list": lambda: [3, "2", {"a": 1}],
    "json-kinds": lambda: {
        "date": datetime.date(2024, 5, 1),
        "time": datetime.datetime(2024, 5, 1, 12, 30),
        "decimal": decimal.Decimal("1.10"),
        "uuid": uuid.UUID(int=5),
        "markup": Markup("<i>"),
        "number keys": {2: "b", 1: "a"},
        "unicode": "ü☃",
    },
    "json-impossible": lambda: {"a": object()},
    "json-mixed-keys": lambda: {"a": 1, 2: 3},
    "jsonify": lambda: jsonify(a=1, b=[2]),
    "jsonify-many": lambda: jsonify(1, "two", None),
    "jsonify-none": lambda: jsonify(),
    "jsonify-both": lambda: jsonify(1, a=2),
    "none": lambda: None,
    "number": lambda: 5,
    "true": lambda: True,
    "set": lambda: {1},
    "iterator": lambda: iter(["a", "b"]),
    "generator": lambda: (part for part in ("a", "ü", "c")),
    "generator-bytes": lambda: (part for part in (b"a", b"", b"c")),
    "status": lambda: ("made", 201),
    "status-text": lambda: ("odd", "299 Odd One"),
    "status-bytes": lambda: ("odd", b"201 Bytes"),
    "status-word": lambda: ("odd", "nonsense"),
    "status-empty": lambda: ("odd", ""),
    "status-float": lambda: ("odd", 201.5),
    "status-none": lambda: ("odd", None),
    "status-large": lambda: ("odd", 999),
    "status-zero": lambda: ("odd", 0),
    "no-content": lambda: ("text all the same", 204),
    "not-modified": lambda: ("text all the same", 304),
    "headers": lambda: ("text", {"X-One": "1", "Content-Type": "text/plain"}),
    "headers-list": lambda: ("text", [("X-One", "1"), ("X-One", "2")]),
    "headers-object": lambda: ("text", Headers([("X-One", "1"), ("X-One", "2")])),
    "headers-lists": lambda: ("text", {"X-One": ["1", "2"]}),
    "headers-newline": lambda: ("text", {"X-One": "a\r\nX-Two: b"}),
    "headers-number": lambda: ("text", {"X-One": 5}),
    "all-three": lambda: ({"a": 1}, 202, {"X-One": "1"}),
    "response-and-more": lambda: (Response("r", 200, {"X-One": "0"}), 203, {"X-One": "1", "X-Two": "2"}),
    "tuple-one": lambda: ("a",),
    "tuple-four": lambda: ("a", 200, {}, None),
    "tuple-empty": lambda: (),
    "tuple-none": lambda: (None, 204),
    "tuple-tuple": lambda: (("a", 201), 202),
    "named-tuple": lambda: Pair("left", 201),
    "response": lambda: Response("made", 201, {"X-One": "1"}, "text/x-own"),
    "response-type": lambda: Response("made", content_type="text/x-own; charset=latin-1"),
    "response-list": lambda: Response(["a", "b"]),
    "response-length": lambda: Response("abc", headers={"Content-Length": "3"}),
    "response-iterator": lambda: Response(iter(["a", "b"])),
    "response-direct": lambda: Response(Closing(), direct_passthrough=True),
    "response-closing": lambda: Response(Closing()),
    "response-location": lambda: Response("go", 302, {"Location": "/größe/ü?q=a b"}),
    "response-relative": lambda: Response("go", 302, {"Location": "next", "Content-Location": "../here"}),
    "response-vary": lambda: Response("v", headers={"Vary": "Accept"}),
    "werkzeug": lambda: WerkzeugResponse("foreign", 201),
    "wsgi": lambda: _plain_wsgi,
    "exception": lambda: __import__("werkzeug.exceptions").exceptions.ImATeapot(),
    "view": lambda: lambda: "a function",
    "class": lambda: Response,
    "make-response-empty": lambda: make_response(),
    "make-response-many": lambda: make_response("a", 202, {"X-One": "1"}),
    "redirect": lambda: redirect("/name/ü?a=b&c"),
    "redirect-code": lambda: redirect("http://elsewhere.test/", 308),
    "cookies": _with_cookie,
    "conditional": _conditional,
    "file": lambda: send_file(
        io.BytesIO(b"0123456789"), "text/plain", download_name="näme.txt", as_attachment=True
    ),
    "file-path": lambda: send_file("static/page.txt", conditional=True),
    "file-age": lambda: send_file("static/page.txt", max_age=30, etag="own"),
    "file-missing": lambda: send_file("static/nowhere.txt"),
    "file-nameless": lambda: send_file(io.BytesIO(b"x")),
    "template": lambda: render_template("page.html", name="<you>"),
    "template-missing": lambda: render_template("nowhere.html"),
    "template-list": lambda: render_template(["nowhere.html", "page.txt"], name="<you>"),
    "template-text": lambda: render_template_string(
        "{{ request.path }} {{ g.seen }} {{ session }} {{ '<' }}"
    ),
    "template-folded": lambda: render_template_string(
        "{{ 'a' | upper }} {{ 1 is odd }} {{ '<' }} {{ from_app }} {{ missing }} {{ 'b' | trim }}"
    ),
    "template-broken": lambda: render_template_string("{% if %}"),
    "template-stream": lambda: stream_template("page.html", name="<you>"),
    "template-stream-text": lambda: stream_template_string("{{ request.path }} {{ g.seen }}"),
}


def register(app: Flask) -> None:
    @app.route("/result/<kind>", methods=["GET", "POST"])
    def result(kind: str) -> Any:
        return RESULTS[kind]() if kind in RESULTS else f"no result {kind}"

    @app.route("/send/<path:name>")
    def send(name: str) -> Response:
        return send_from_directory("static", name, conditional="plain" not in request.args)

    @app.route("/async/<kind>")
    async def coroutine(kind: str) -> Any:
        note("in a coroutine", request.endpoint)
        return RESULTS[kind]() if kind in RESULTS else f"no result {kind}"

    @app.route("/stream/plain")
    def plain_stream() -> Response:
        return Response(_parts(fail=request.args.get("fail", type=int)))

    @app.route("/stream/broken-close")
    def broken_close() -> Response:
        response = Response(_parts(fail=None))

        @response.call_on_close
        def fail() -> None:
            note("closing")
            raise OSError("the response does not close")

        return response

    @app.route("/stream/context")
    @stream_with_context
    def context_stream() -> Iterator[str]:
        yield f"{request.path} "
        yield from _parts(fail=request.args.get("fail", type=int))
        yield request.endpoint or "-"


def _parts(fail: int | None) -> Iterator[str]:
    note("stream starts")
    try:
        for number in range(3):
            if number == fail:
                raise ValueError(number)
            yield f"part {number} "
    finally:
        note("stream ends")
