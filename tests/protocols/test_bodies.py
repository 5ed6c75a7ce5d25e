"""Request bodies: forms, files, JSON, bytes, and their limits."""

from __future__ import annotations

import io
import typing as t

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

import erlen
from tests.protocols.web import Colour, Web

URLENCODED = ("Content-Type", "application/x-www-form-urlencoded")


def reading(web: Web, read: t.Callable[[t.Any], t.Any], colour: Colour | None = None) -> t.Any:
    """Make an application whose only view answers with what it reads of the request."""
    app = web.Flask("app")

    def view() -> t.Any:
        return {"read": read(web.request)}

    app.add_url_rule("/", "view", colour(view) if colour else view, methods=["GET", "POST", "PUT", "DELETE"])
    return app


# forms and files


def test_forms_are_read(web: Web, colour: Colour) -> None:
    app = reading(web, lambda r: [r.form.getlist("a"), r.form["b"], r.values["q"], r.form.get("q")], colour)

    answer = web.wire(app, "/?q=1", "POST", [URLENCODED], b"a=1&a=2&b=%C3%BC+x")

    assert app.json.loads(answer.body)["read"] == [["1", "2"], "ü x", "1", None]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_forms_are_read_with_any_method(web: Web, method: str) -> None:
    app = reading(web, lambda request: request.form["a"])

    assert web.client(app).open("/", method=method, data={"a": "x"}).json["read"] == "x"


def test_a_missing_field_is_a_bad_request(web: Web, colour: Colour) -> None:
    app = reading(web, lambda request: request.form["missing"], colour)

    assert web.client(app).post("/", data={"a": "x"}).status_code == 400


def test_multipart_gives_fields_and_files(web: Web, colour: Colour) -> None:
    def told(request: t.Any) -> t.Any:
        files = request.files.getlist("file")
        read = [[f.filename, f.mimetype, f.read().decode("latin-1")] for f in files]
        return [request.form.getlist("field"), read, request.files["other"].filename]

    app = reading(web, told, colour)
    data = {
        "field": ["one", "zwölf"],
        "file": [(io.BytesIO(b"\x00\xff"), "a.bin", "image/png"), (io.BytesIO(b"text"), "ü.txt")],
        "other": (io.BytesIO(b"-"), "o"),
    }

    assert web.client(app).post("/", data=data).json["read"] == [
        ["one", "zwölf"],
        [["a.bin", "image/png", "\x00\xff"], ["ü.txt", "text/plain", "text"]],
        "o",
    ]


def test_large_files_are_whole_and_can_be_saved(web: Web, colour: Colour, tmp_path: t.Any) -> None:
    content = bytes(range(256)) * 4096 * 3  # 3 MiB: beyond what is kept in memory

    def told(request: t.Any) -> t.Any:
        request.files["file"].save(tmp_path / "saved")
        return request.content_length > len(content)

    app = reading(web, told, colour)

    stream, _length, boundary = stream_encode_multipart(
        {"file": FileStorage(io.BytesIO(content), "big")}, use_tempfile=False
    )
    response = web.client(app).post(
        "/", data=stream.read(), content_type=f"multipart/form-data; boundary={boundary}"
    )

    assert response.json["read"] is True
    assert (tmp_path / "saved").read_bytes() == content


def test_form_and_files_are_empty_without_a_body(web: Web, colour: Colour) -> None:
    app = reading(web, lambda r: [len(r.form), len(r.files), r.data.decode(), r.content_length], colour)

    assert app.json.loads(web.wire(app, "/").body)["read"] == [0, 0, "", None]


# JSON


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True], "ü": "水"}, [1], "text", 0, None])
def test_json_goes_in_and_out(web: Web, colour: Colour, value: t.Any) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "view", colour(lambda: web.jsonify(web.request.json)), methods=["POST"])

    response = web.client(app).post("/", data=app.json.dumps(value), content_type="application/json")

    assert (response.status_code, response.json, response.mimetype) == (200, value, "application/json")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ([("Content-Type", "application/json")], b"{broken", 400),
        ([("Content-Type", "application/json")], b"\xff", 400),
        ([("Content-Type", "application/json")], b"", 400),
        ([("Content-Type", "text/plain")], b"{}", 415),
        ([], b"{}", 415),
        ([("Content-Type", "application/problem+json; charset=utf-8")], b"{}", 200),
    ],
)
def test_what_is_no_json_is_refused(
    web: Web, colour: Colour, headers: t.Any, body: bytes, status: int
) -> None:
    app = reading(web, lambda request: request.json, colour)

    assert web.wire(app, "/", "POST", headers, body).status == status


def test_json_may_be_asked_for_gently(web: Web, colour: Colour) -> None:
    app = reading(web, lambda r: [r.is_json, r.get_json(silent=True), r.get_json(force=True)], colour)

    assert web.client(app).post("/", data=b"[1]").json["read"] == [False, None, [1]]


def test_json_is_written_by_the_applications_provider(web: Web, colour: Colour) -> None:
    class Provider(web.Flask.json_provider_class):  # type: ignore[misc]
        def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
            return super().dumps({"wrapped": obj}, **kwargs)

    app = web.Flask("app")
    app.json = Provider(app)
    app.add_url_rule("/", "view", colour(lambda: {"a": 1}))

    assert web.client(app).get("/").json == {"wrapped": {"a": 1}}


# bytes


def test_data_is_kept_and_can_be_read_again(web: Web, colour: Colour) -> None:
    app = reading(web, lambda r: [r.get_data(as_text=True), r.data.decode(), r.get_json(force=True)], colour)

    assert web.client(app).post("/", data="[1, 2]").json["read"] == ["[1, 2]", "[1, 2]", [1, 2]]


def test_data_that_is_not_kept_is_gone(web: Web, colour: Colour) -> None:
    app = reading(web, lambda r: [r.get_data(cache=False).decode(), r.get_data().decode()], colour)

    assert web.client(app).post("/", data="text").json["read"] == ["text", ""]


def test_a_parsed_form_leaves_no_data(web: Web, colour: Colour) -> None:
    def told(request: t.Any) -> t.Any:
        return [request.form["a"], request.get_data().decode()]

    assert web.client(reading(web, told, colour)).post("/", data={"a": "1"}).json["read"] == ["1", ""]


def test_the_stream_is_read_in_parts(web: Web, colour: Colour) -> None:
    def told(request: t.Any) -> t.Any:
        stream = request.stream
        return [
            stream.read(3).decode(),
            stream.readline().decode(),
            stream.read().decode(),
            stream.read().decode(),
        ]

    app = reading(web, told, colour)

    answer = web.wire(app, "/", "POST", body=b"abcdef\nghi\njkl")

    assert app.json.loads(answer.body)["read"] == ["abc", "def\n", "ghi\njkl", ""]


def test_a_hook_may_read_the_body_for_the_view(web: Web, colour: Colour, hooks: Colour) -> None:
    app = reading(web, lambda request: [web.g.digest, request.form["a"]], colour)

    @app.before_request
    @hooks
    def before() -> None:
        web.g.digest = len(web.request.get_data())

    assert web.client(app).post("/", data={"a": "xyz"}).json["read"] == [5, "xyz"]


def test_a_large_body_arrives_whole(web: Web, colour: Colour) -> None:
    body = bytes(range(256)) * 4096 * 2
    app = web.Flask("app")
    app.add_url_rule("/", "view", colour(lambda: web.request.get_data()[::-1]), methods=["POST"])

    assert web.wire(app, "/", "POST", body=body).body == body[::-1]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"a": "x"}'),
        ("application/x-www-form-urlencoded", b"a=x"),
        ("text/plain", b"a" * 99_999),
    ],
)
def test_a_body_that_does_not_say_its_length_is_read(
    web: Web, colour: Colour, kind: str, body: bytes
) -> None:
    def told(request: t.Any) -> t.Any:
        return {
            "json": request.is_json and request.json,
            "form": request.form,
            "data": len(request.get_data()),
        }

    app = reading(web, told, colour)

    answer = web.wire(app, "/", "POST", [("Content-Type", kind)], body, chunked=True)

    assert (
        app.json.loads(answer.body)["read"]
        == {
            "application/json": {"json": {"a": "x"}, "form": {}, "data": len(body)},
            "application/x-www-form-urlencoded": {"json": False, "form": {"a": "x"}, "data": 0},
            "text/plain": {"json": False, "form": {}, "data": len(body)},
        }[kind]
    )


# limits


def limited(web: Web, colour: Colour, **config: t.Any) -> tuple[t.Any, list[str]]:
    """Make an application with limits: one view reads the body, one the form, one ignores both."""
    app, log = web.Flask("app"), []
    app.config.update(config)
    app.before_request(lambda: log.append("before"))

    @app.errorhandler(413)
    @colour
    def too_large(error: t.Any) -> t.Any:
        log.append("handler")
        return "too large", 413

    views = {
        "data": lambda: web.request.get_data(),
        "form": lambda: {**web.request.form},
        "none": lambda: "fine",
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, colour(view), methods=["POST"])
    return app, log


@pytest.mark.parametrize("path", ["/data", "/form"])
def test_a_body_over_the_limit_is_413_when_it_is_touched(web: Web, colour: Colour, path: str) -> None:
    app, log = limited(web, colour, MAX_CONTENT_LENGTH=10)

    answer = web.wire(app, path, "POST", [URLENCODED], b"a=0123456789")

    assert (answer.status, answer.body, log) == (413, b"too large", ["before", "handler"])
    assert web.wire(app, path, "POST", [URLENCODED], b"a=01234567").status == 200


def test_a_body_that_does_not_say_its_length_is_limited_too(web: Web, colour: Colour) -> None:
    app, log = limited(web, colour, MAX_CONTENT_LENGTH=10)

    answers = [web.wire(app, path, "POST", body=b"0123456789ab", chunked=True) for path in ("/data", "/none")]

    # Flask cuts such a body off where the limit is, and says nothing.
    cut, too_large = (200, b"0123456789"), (413, b"too large")
    refused = web.Flask is erlen.Erlen
    assert [(a.status, a.body) for a in answers] == [too_large if refused else cut, (200, b"fine")]
    assert log == ["before", *["handler"] * refused, "before"]
    assert web.wire(app, "/data", "POST", body=b"0123456789", chunked=True).body == b"0123456789"


def test_a_view_that_ignores_the_body_answers_over_the_limit(web: Web, colour: Colour) -> None:
    app, log = limited(web, colour, MAX_CONTENT_LENGTH=10)

    answer = web.wire(app, "/none", "POST", [URLENCODED], b"a=0123456789")

    assert (answer.status, answer.body, log) == (200, b"fine", ["before"])


@pytest.mark.parametrize(("limit", "status"), [(100, 200), (5, 413), (None, 413)])
def test_a_hook_may_set_the_limit_of_one_request(
    web: Web, colour: Colour, hooks: Colour, limit: int | None, status: int
) -> None:
    app, _log = limited(web, colour, MAX_CONTENT_LENGTH=10)

    @app.before_request
    @hooks
    def before() -> None:
        web.request.max_content_length = limit

    answer = web.wire(app, "/data", "POST", body=b"0123456789ab")

    assert answer.status == status
    assert status != 200 or answer.body == b"0123456789ab"


@pytest.mark.parametrize(("size", "status"), [(500, 200), (5000, 413)])
def test_fields_in_memory_are_limited(web: Web, colour: Colour, size: int, status: int) -> None:
    app, _log = limited(web, colour, MAX_FORM_MEMORY_SIZE=1000)
    data = {"a": "x" * size, "file": (io.BytesIO(b"-"), "file")}

    assert web.client(app).post("/form", data=data).status_code == status


@pytest.mark.parametrize(("parts", "status"), [(3, 200), (4, 413)])
def test_parts_are_limited(web: Web, colour: Colour, parts: int, status: int) -> None:
    app, _log = limited(web, colour, MAX_FORM_PARTS=3)
    data = {f"n{n}": "x" for n in range(parts)}

    response = web.client(app).post("/form", data=data, content_type="multipart/form-data")

    assert response.status_code == status


def test_the_limits_are_read_from_the_configuration(web: Web, colour: Colour) -> None:
    app = reading(web, lambda r: [r.max_content_length, r.max_form_memory_size, r.max_form_parts], colour)
    assert web.client(app).get("/").json["read"] == [None, 500_000, 1_000]
    app.config.update(MAX_CONTENT_LENGTH=1, MAX_FORM_MEMORY_SIZE=2, MAX_FORM_PARTS=3)
    assert web.client(app).get("/").json["read"] == [1, 2, 3]
