"""No control character goes out in a header or a status, by whatever way it came in."""

from __future__ import annotations

import io
import typing as t

import flask
import pytest
import werkzeug
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.exceptions import NotFound

import erlen
from erlen import Erlen, Response, redirect, send_file
from tests.serve.beside import environ

CONTROLS = pytest.mark.parametrize("control", ["\r", "\n", "\r\n", "\0"])


class Text(str):
    """Text of a class of its own."""


def _setting(change: t.Callable[[t.Any, str, str], object]) -> t.Callable[[str, str], Response]:
    def made(name: str, value: str) -> Response:
        response = Response("x")
        change(response.headers, name, value)
        return response

    return made


def _merged(headers: t.Any, name: str, value: str) -> None:
    headers |= {name: value}


# Each is given the name and the value of a header.
BY_PAIR: dict[str, t.Callable[[str, str], t.Any]] = {
    "add": _setting(lambda h, n, v: h.add(n, v)),
    "add_header": _setting(lambda h, n, v: h.add_header(n, v)),
    "set": _setting(lambda h, n, v: h.set(n, v)),
    "setitem": _setting(lambda h, n, v: h.__setitem__(n, v)),
    "index": _setting(lambda h, n, v: h.__setitem__(0, (n, v))),
    "slice": _setting(lambda h, n, v: h.__setitem__(slice(0, 1), [("X-Fine", "1"), (n, v)])),
    "setdefault": _setting(lambda h, n, v: h.setdefault(n, v)),
    "setlist": _setting(lambda h, n, v: h.setlist(n, ["1", v])),
    "setlistdefault": _setting(lambda h, n, v: h.setlistdefault(n, ["1", v])),
    "extend by a dict": _setting(lambda h, n, v: h.extend({n: v})),
    "extend by pairs": _setting(lambda h, n, v: h.extend([(n, v)])),
    "extend by headers": _setting(lambda h, n, v: h.extend(_plain(n, v))),
    "extend by keyword": _setting(lambda h, n, v: h.extend(**{n: v})),
    "update by a dict": _setting(lambda h, n, v: h.update({n: [v]})),
    "update by pairs": _setting(lambda h, n, v: h.update([(n, v)])),
    "update by headers": _setting(lambda h, n, v: h.update(_plain(n, v))),
    "update by a multidict": _setting(lambda h, n, v: h.update(MultiDict([(n, v)]))),
    "update by keyword": _setting(lambda h, n, v: h.update(**{n: v})),
    "merge": _setting(_merged),
    "union": lambda n, v: Response("x").headers | {n: v},
    "constructor, dict": lambda n, v: Response("x", headers={n: v}),
    "constructor, list in a dict": lambda n, v: Response("x", headers={n: ["1", v]}),
    "constructor, pairs": lambda n, v: Response("x", headers=[(n, v)]),
    "constructor, headers": lambda n, v: Response("x", headers=_plain(n, v)),
    "constructor, stream": lambda n, v: Response(iter("x"), headers={n: v}),
    "str subclass": _setting(lambda h, n, v: h.__setitem__(Text(n), Text(v))),
    "str subclass, added": _setting(lambda h, n, v: h.add(Text(n), Text(v))),
    "str subclass, set": _setting(lambda h, n, v: h.set(Text(n), Text(v))),
    "result of a view": lambda n, v: _answered(("x", {n: v})),
    "result of a view, pairs": lambda n, v: _answered(("x", 200, [(n, v)])),
    "response of a view": lambda n, v: _answered((Response("x"), {n: v})),
    "response of Werkzeug's": lambda n, v: _answered(werkzeug.Response("x", headers={n: v})),
    "response of an exception": lambda n, v: _answered(
        NotFound(response=werkzeug.Response("x", headers={n: v}))
    ),
}


def _plain(name: str, value: str) -> Headers:
    """Return Werkzeug's headers, which took what they were given."""
    headers = Headers()
    headers._list.append((name, value))
    return headers


def _answered(result: t.Any) -> t.Any:
    app = Erlen("app")
    with app.test_request_context():
        return app.make_response(result)


# Each is given a text that becomes a part of some header.
BY_TEXT: dict[str, t.Callable[[str], t.Any]] = {
    "option of add": lambda v: Response("x").headers.add("X-One", "a", option=v),
    "option of set": lambda v: Response("x").headers.set("X-One", "a", option=v),
    "value beside an option": lambda v: Response("x").headers.add("X-One", v, option="a"),
    "an object": lambda v: Response("x").headers.add("X-One", _Shown(v)),
    "an object, set": lambda v: Response("x").headers.__setitem__("X-One", _Shown(v)),
    "content_type": lambda v: Response("x", content_type=v),
    "content_type later": lambda v: setattr(Response("x"), "content_type", v),
    "mimetype": lambda v: Response("x", mimetype=v),
    "mimetype later": lambda v: setattr(Response("x"), "mimetype", v),
    "mimetype parameter": lambda v: Response("x").mimetype_params.__setitem__("a", v),
    "etag": lambda v: Response("x").set_etag(v),
    "content_language": lambda v: Response("x").content_language.add(v),
    "vary": lambda v: Response("x").vary.add(v),
    "cookie domain": lambda v: Response("x").set_cookie("a", "b", domain=v),
    "cookie name": lambda v: Response("x").set_cookie(v, "b"),
    "cookie expires": lambda v: Response("x").set_cookie("a", "b", expires=v),
    "cookie max_age": lambda v: Response("x").set_cookie("a", "b", max_age=v),
    "file, download_name": lambda v: _sent_file(download_name=f"{v}.txt"),
    "file, attachment": lambda v: _sent_file(download_name=f"{v}.txt", as_attachment=True),
    "file, international name": lambda v: _sent_file(download_name=f"é{v}.txt"),
    "file, mimetype": lambda v: _sent_file(mimetype=v),
    "file, etag": lambda v: _sent_file(etag=v),
    "bytes, download_name": lambda v: _sent_bytes(download_name=f"{v}.txt"),
    "bytes, mimetype": lambda v: _sent_bytes(mimetype=v),
    "bytes, etag": lambda v: _sent_bytes(download_name="a.txt", etag=v),
}


class _Shown:
    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def _sent_file(**options: t.Any) -> t.Any:
    app = Erlen("app")
    with app.test_request_context():
        return send_file(__file__, **options)


def _sent_bytes(**options: t.Any) -> t.Any:
    app = Erlen("app")
    with app.test_request_context():
        return send_file(io.BytesIO(b"x"), **options)


@CONTROLS
@pytest.mark.parametrize("place", ["name", "value"])
@pytest.mark.parametrize("way", BY_PAIR)
def test_no_way_to_set_a_header_takes_a_control_character(way: str, place: str, control: str) -> None:
    evil = f"a{control}b"
    with pytest.raises(ValueError, match=r"line break|newline"):
        BY_PAIR[way](*((evil, "1") if place == "name" else ("X-One", evil)))


@CONTROLS
@pytest.mark.parametrize("way", BY_TEXT)
def test_no_part_of_a_header_takes_a_control_character(way: str, control: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        BY_TEXT[way](f"a{control}b")


@pytest.mark.parametrize("way", BY_PAIR)
def test_what_is_harmless_is_taken_by_every_way(way: str) -> None:
    made = BY_PAIR[way]("X-One", "é\t☃")
    assert "é\t☃" in getattr(made, "headers", made).getlist("X-One")[-1]


def test_headers_that_a_response_was_given_stay_the_very_object() -> None:
    """Flask's response keeps them, and what is added to them later is sent."""
    for framework in (flask, erlen):
        given = Headers([("X-One", "1")])
        response = framework.Response("x", headers=given)
        given["X-Two"] = "2"
        assert response.headers is given
        assert response.headers["X-Two"] == "2"
        assert given == Headers(response.headers)
        assert Headers(response.headers) == given


@CONTROLS
@pytest.mark.parametrize("options", [{}, {"direct_passthrough": True}], ids=["text", "passed through"])
@pytest.mark.parametrize("body", ["x", ["x", "y"]])
def test_a_header_that_was_written_past_all_checks_is_not_sent(
    body: t.Any, options: dict[str, t.Any], control: str
) -> None:
    response = Response(body, **options)
    response.headers = _plain("X-One", f"a{control}b")
    started: list[str] = []
    with pytest.raises(ValueError, match=r"line break|newline"):
        response(environ("/"), lambda status, headers, exc_info=None: started.append(status))
    assert not started


# addresses


@pytest.mark.parametrize(
    "address",
    [
        "/a\0b",
        "http://localhost/a\0b",
        "/☃\0",
        "/a b",
        "/é",
        "http://☃.net/ü?é#ß",
        "//other/x",
        "?a=\0",
        "",
        "http://[::1]/",
        "a:b",
        "mailto:x@y",
        "/a[b",
    ],
)
@pytest.mark.parametrize("way", ["redirect", "location", "content_location", "header", "constructor"])
def test_an_address_is_sent_as_flask_sends_it(address: str, way: str) -> None:
    assert _address_sent(erlen, address, way) == _address_sent(flask, address, way)


def _address_sent(framework: t.Any, address: str, way: str) -> list[str]:
    app = framework.Flask("app")

    def view() -> t.Any:
        if way == "redirect":
            return framework.redirect(address)
        if way == "constructor":
            return framework.Response("x", headers={"Location": address})
        response = framework.Response("x")
        if way == "header":
            response.headers["LOCATION"] = address
        else:
            setattr(response, way, address)
        return response

    app.add_url_rule("/", "view", view)
    sent: list[t.Any] = []
    list(app(environ("/"), lambda status, headers, exc_info=None: sent.extend(headers)))
    return [value for name, value in sent if name.lower().endswith("location")]


BROKEN = [
    "http://[",
    "http://a:99999/",
    "http://a:x/",
    "http://a..é/",
    f"http://{'é' * 70}/",
    "/\ud800",
    "//[",
]


@pytest.mark.parametrize("address", BROKEN)
@pytest.mark.parametrize(
    "way",
    [
        redirect,
        lambda address: setattr(Response(), "location", address),
        lambda address: setattr(Response(), "content_location", address),
        lambda address: Response(headers={"Location": address}),
        lambda address: Response().headers.add("location", address),
        lambda address: Response().headers.__setitem__(0, ("location", address)),
    ],
)
def test_an_address_that_cannot_be_sent_is_an_error_where_it_is_said(
    address: str, way: t.Callable[[str], object]
) -> None:
    with pytest.raises(ValueError, match=r"cannot be sent as an address|surrogates not allowed"):
        way(address)


@pytest.mark.parametrize("address", BROKEN)
def test_an_error_handler_sees_an_address_that_cannot_be_sent(address: str) -> None:
    app = Erlen("app")
    app.add_url_rule("/", "view", lambda: redirect(address))
    app.register_error_handler(ValueError, lambda error: ("handled", 599))
    for protocol in ("wsgi", "asgi"):
        assert app.test_client(protocol=protocol).get("/").status_code == 599


# status


STATUSES: dict[str, t.Callable[[str], t.Any]] = {
    "constructor": lambda text: Response("x", text),
    "constructor, headers": lambda text: Response("x", text, {"X-One": "1"}),
    "attribute": lambda text: setattr(Response("x"), "status", text),
    "status_code": lambda text: setattr(Response("x"), "status_code", text),
    "result of a view": lambda text: _answered(("x", text)),
    "status of a response": lambda text: _answered((Response("x"), text)),
    "result, headers": lambda text: _answered(("x", text, {"X-One": "1"})),
    "a dict": lambda text: _answered(({}, text)),
    "class": lambda text: type("Own", (Response,), {"default_status": text})("x"),
    "subclass of str": lambda text: Response("x", Text(text)),
}


@CONTROLS
@pytest.mark.parametrize("way", STATUSES)
def test_no_way_to_set_a_status_takes_a_control_character(way: str, control: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        STATUSES[way](f"200 OK{control}X-Evil: 1")


@CONTROLS
def test_a_status_that_was_written_past_all_checks_is_not_sent(control: str) -> None:
    class Own(Response):
        status = property(lambda self: f"200 OK{control}X-Evil: 1", lambda self, value: None)
        status_code = 200

    started: list[str] = []
    with pytest.raises(ValueError, match="line break"):
        Own("x")(environ("/"), lambda status, headers, exc_info=None: started.append(status))
    assert not started


def test_a_status_of_text_is_taken_by_every_way() -> None:
    for way in STATUSES.values():
        made = way(" 299 Ödd ")
        assert made is None or made.status == "299 Ödd"
