"""Requests and responses are Werkzeug's, late and cheap as they are made."""

from __future__ import annotations

import copy
import datetime
import io
import pickle
import typing as t
import warnings
from http import HTTPStatus

import pytest
import werkzeug.http
import werkzeug.wrappers
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

import erlen
from erlen import Erlen, wrappers
from tests.serve.beside import Framework, beside_flask, call, environ, examples, outcome, told_alike

# responses: made


BODIES: tuple[t.Callable[[], t.Any], ...] = (
    lambda: None,
    lambda: "text é",
    lambda: "",
    lambda: b"bytes\xff",
    lambda: bytearray(b"bytearray"),
    lambda: ["a", "b"],
    lambda: [b"a"],
    list,
    lambda: ("a", b"b"),
    lambda: iter(["a", "b"]),
    lambda: (part for part in "ab"),
    lambda: io.BytesIO(b"file"),
    lambda: type("Text", (str,), {})("subclass"),
    lambda: "\ud800",
)


STATUSES = (
    *(None, 200, 201, 204, 304, 404, 418, 99, 700, 0, -1, True, "200 OK", "404", "299 Odd", "odd", "", " "),
    *(HTTPStatus.CREATED, b"201 Created", 200.5),
)


HEADERS: tuple[t.Any, ...] = (
    *(None, {}, [], {"X-One": "1"}, [("X-One", "1"), ("X-One", "2")], {"X-One": ["1", "2"]}),
    *({"Content-Type": "text/mine"}, {"content-type": "text/mine"}, {"Content-Length": "5"}),
    *({"Location": "/é ü"}, {"X-One": 1}, {"X-One": "a\nb"}, {"X-One": "a\r\nb"}),
    Headers([("X-One", "1")]),
    (("X-One", "1"),),
)


TYPES = (
    *(None, "", "text/plain", "text/html", "application/json", "image/png", "text/plain; charset=latin1"),
    *("application/xml", "text/é", "a\nb", "text/plain\r\nX-Evil: 1", "TEXT/HTML", "odd"),
)


def attributes(response: t.Any) -> dict[str, t.Any]:
    """Return all that is known of a response, in a form that compares."""
    own = dict(vars(response))
    headers = own.pop("headers")
    body = own.pop("response")
    own["headers"] = list(headers), type(headers).__mro__[-2].__name__
    own["response"] = body if isinstance(body, (list, tuple)) else type(body).__name__
    own["sequence"] = response.is_sequence, response.is_streamed
    return own


def sent(response: t.Any, method: str = "GET") -> t.Any:
    body, status, headers = run_wsgi_app(response, environ(method=method))
    return b"".join(body), status, list(headers)


@given(
    st.sampled_from(BODIES),
    st.fixed_dictionaries(
        {},
        optional={
            "status": st.sampled_from(STATUSES),
            "headers": st.sampled_from(HEADERS),
            "mimetype": st.sampled_from(TYPES),
            "content_type": st.sampled_from(TYPES),
            "direct_passthrough": st.booleans(),
        },
    ),
    st.sampled_from(("GET", "HEAD", "POST")),
)
@examples(150)
def test_a_response_is_made_and_sent_as_flasks(
    body: t.Callable[[], t.Any], arguments: dict[str, t.Any], method: str
) -> None:
    def story(framework: Framework) -> object:
        told = []
        for _ in range(2):  # what was worked out for a type is kept
            try:
                response = framework.Response(body(), **copy.deepcopy(arguments))
                told.append(attributes(response))
                told.append(sent(response, method))
            except Exception as error:
                # Where two things are wrong, either may be noticed first.
                told.append(ValueError if isinstance(error, ValueError) else type(error))
        return told

    told_alike(story)


EVIL = ("a\nb", "a\rb", "a\r\nb: c", "text/plain\n")


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("where", ["mimetype", "content_type", "header", "set header"])
def test_a_line_break_never_reaches_the_server(evil: str, where: str) -> None:
    """Else whoever controls the value sends headers of their own."""

    def story(framework: Framework) -> object:
        try:
            if where == "header":
                response = framework.Response("x", headers={"X-One": evil})
            elif where == "set header":
                response = framework.Response("x")
                response.headers["X-One"] = evil
            else:
                response = framework.Response("x", **{where: evil})
            sent(response)
        except ValueError:
            return "refused"
        return "sent"

    assert told_alike(story) == "refused"


@pytest.mark.parametrize(
    "name", ["add", "set", "setdefault", "append", "setitem", "update", "extend", "setlist"]
)
@pytest.mark.parametrize("evil", EVIL)
def test_no_way_to_set_a_header_takes_a_line_break(name: str, evil: str) -> None:
    response = erlen.Response("x")
    headers = response.headers
    ways: dict[str, t.Callable[[], object]] = {
        "setitem": lambda: headers.__setitem__("X-One", evil),
        "update": lambda: headers.update({"X-One": evil}),
        "extend": lambda: headers.extend({"X-One": evil}),
        "setlist": lambda: headers.setlist("X-One", [evil]),
        "append": lambda: headers.add_header("X-One", evil),
    }
    with pytest.raises(ValueError, match="line break"):
        ways.get(name, lambda: getattr(headers, name)("X-One", evil))()
    assert "X-One" not in headers


@pytest.mark.parametrize("control", ["\r", "\n", "\0"])
@pytest.mark.parametrize("place", ["name", "value"])
@pytest.mark.parametrize(
    "response",
    [
        lambda pair: erlen.Response("text", headers=[pair]),
        lambda pair: _with_header(erlen.Response("text"), lambda headers: headers.__setitem__(*pair)),
        lambda pair: _with_header(erlen.Response("text"), lambda headers: headers.add(*pair)),
        lambda pair: _with_header(erlen.Response(["two", "parts"]), lambda headers: headers.set(*pair)),
        lambda pair: _with_header(erlen.Response(status=204), lambda headers: headers.set(*pair)),
    ],
)
def test_no_header_with_a_control_character_is_sent(
    response: t.Callable[[tuple[str, str]], erlen.Response], place: str, control: str
) -> None:
    """RFC 9110, section 5.5. Werkzeug looks at values only, and lets NUL pass."""
    evil = f"a{control}b"
    app = Erlen(__name__)
    app.testing = True
    app.add_url_rule("/", "evil", lambda: response((evil, "1") if place == "name" else ("X-One", evil)))
    started: list[str] = []
    with pytest.raises(ValueError, match=r"line break|newline"):
        app(environ("/"), lambda status, headers, exc_info=None: started.append(status))
    assert not started


def _with_header(response: erlen.Response, change: t.Callable[[t.Any], object]) -> erlen.Response:
    change(response.headers)
    return response


_keys = st.sampled_from(("X-One", "x-one", "Content-Type", "content-length", "X-Two", "Vary", "É"))


_header_values = st.sampled_from(
    ("1", "é", "", "\t", "a\x7fb", "a\nb", "\u2028", "☃", 1, None, b"bytes", ["a", "b"])
)


_changes = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(("__setitem__", "set", "add", "setdefault")), st.tuples(_keys, _header_values)
        ),
        st.tuples(st.sampled_from(("__delitem__", "pop", "remove", "get", "getlist")), st.tuples(_keys)),
        st.tuples(st.sampled_from(("__contains__", "__getitem__", "get_all")), st.tuples(_keys)),
        st.tuples(st.just("setlist"), st.tuples(_keys, st.lists(_header_values, max_size=2))),
        st.tuples(st.sampled_from(("clear", "copy", "to_wsgi_list", "keys", "popitem")), st.just(())),
        st.tuples(st.just("update"), st.tuples(st.dictionaries(_keys, _header_values, max_size=2))),
    ),
    max_size=6,
)


@given(_changes)
@examples(100)
def test_headers_of_a_response_change_as_werkzeugs(changes: list[tuple[str, tuple[t.Any, ...]]]) -> None:
    def story(framework: Framework) -> object:
        headers = framework.Response("x").headers
        told: list[object] = []
        for name, arguments in changes:
            given = outcome(getattr(headers, name, lambda *_: "missing"), *copy.deepcopy(arguments))
            shown = list(given) if isinstance(given, Headers) or name == "keys" else repr(given)
            told.append((shown, list(headers)))
        return told

    told_alike(story)


@beside_flask
def test_headers_of_a_response_compare_and_copy_as_werkzeugs(framework: Framework) -> object:
    headers = framework.Response("x").headers
    plain = Headers(list(headers))
    told: list[object] = [
        headers == plain,
        plain == headers,
        headers != plain,
        headers == framework.Response("x").headers,
    ]
    told += [
        headers == framework.Response("xy").headers,
        headers == {},
        headers == list(headers),
        str(headers),
    ]
    told += [outcome(hash, headers), isinstance(headers, Headers), len(headers), "content-type" in headers]
    for twin in (
        copy.copy(headers),
        copy.deepcopy(headers),
        headers.copy(),
        pickle.loads(pickle.dumps(headers)),
    ):
        twin["X-One"] = "1"
        told += [list(twin), list(headers), twin == headers]
    return [*told, headers | {"X-One": "1"} == Headers([*headers, ("X-One", "1")])]


# responses: sent


CHANGES: dict[str, t.Callable[[t.Any], object]] = {
    "nothing": lambda response: None,
    "a header": lambda response: response.headers.add("X-One", "1"),
    "a cookie": lambda response: response.set_cookie("name", "é"),
    "no length": lambda response: response.headers.pop("Content-Length"),
    "a wrong length": lambda response: response.headers.set("Content-Length", "99"),
    "a length in lower case": lambda response: response.headers.set("content-length", "1"),
    "a location": lambda response: response.headers.set("Location", "/é ü?x=ä"),
    "a location in lower case": lambda response: response.headers.set("location", "/é"),
    "a content location": lambda response: response.headers.set("Content-Location", "/é"),
    "204": lambda response: setattr(response, "status_code", 204),
    "304": lambda response: setattr(response, "status_code", 304),
    "100": lambda response: setattr(response, "status_code", 100),
    "101": lambda response: setattr(response, "status", "101 Switching"),
    "a status in words": lambda response: setattr(response, "status", "299 Odd"),
    "other data": lambda response: setattr(response, "data", "other"),
    "another body": lambda response: setattr(response, "response", ["an", "other"]),
    "a body of bytes": lambda response: setattr(response, "response", [b"other"]),
    "a body without parts": lambda response: setattr(response, "response", []),
    "an iterator": lambda response: setattr(response, "response", iter([b"a", b"b"])),
    "an etag": lambda response: response.add_etag(),
    "a range": lambda response: response.make_conditional(environ(headers={"Range": "bytes=1-2"}), True, 6),
    "frozen": lambda response: response.freeze(),
    "a sequence": lambda response: response.make_sequence(),
    "no type": lambda response: response.headers.pop("Content-Type"),
    "other headers": lambda response: setattr(response, "headers", Headers([("X-One", "1")])),
    "passed through": lambda response: setattr(response, "direct_passthrough", True),
    "vary": lambda response: response.vary.add("Cookie"),
}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_response_is_sent_as_flasks_whatever_was_changed(change: str, method: str) -> None:
    def story(framework: Framework) -> object:
        response = framework.Response("text é")
        CHANGES[change](response)
        return sent(response, method), response.status, response.get_data()

    told_alike(story)


@beside_flask
def test_headers_of_a_response_may_be_a_dict(framework: Framework) -> object:
    response = framework.Response("text")
    response.headers = {"X-One": "1", "Content-Length": "4"}
    return sent(response)


@beside_flask
def test_a_response_may_be_sent_again(framework: Framework) -> object:
    response = framework.Response("text")
    told = [sent(response)]
    response.headers["X-One"] = "1"
    return [*told, sent(response), sent(response)]


@beside_flask
def test_a_server_may_change_the_headers_it_is_given(framework: Framework) -> object:
    response = framework.Response("text")

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        headers.append(("Date", "today"))

    response(environ(), start_response)
    return list(response.headers)


@beside_flask
def test_a_response_is_closed_at_its_end(framework: Framework) -> object:
    log: list[str] = []

    class File(io.BytesIO):
        def close(self) -> None:
            log.append("file")
            super().close()

    for body in ("text", File(b"file"), iter(["a"])):
        response = framework.Response(body)
        response.call_on_close(lambda: log.append("called"))
        body, _, _ = run_wsgi_app(response, environ())
        log.append(str(b"".join(body)))
        body.close()
    return log


OVERRIDDEN: dict[str, t.Any] = {
    "get_wsgi_headers": lambda self, environ: Headers([("X-Mine", "1")]),
    "get_wsgi_response": lambda self, environ: ([b"mine"], "299 Mine", [("X-Mine", "1")]),
    "get_app_iter": lambda self, environ: [b"mine"],
    "iter_encoded": lambda self: iter([b"mine"]),
    "is_sequence": property(lambda self: False),
    "set_data": lambda self, value: setattr(self, "response", [b"mine"]),
    "data": property(lambda self: b"mine", lambda self, value: setattr(self, "response", [b"mine"])),
    "status": property(
        lambda self: "299 Mine", lambda self, v: vars(self).update(_status_code=299, _status="")
    ),
    "default_status": 299,
    "default_mimetype": "text/mine",
    "automatically_set_content_length": False,
    "implicit_sequence_conversion": False,
    "_clean_status": lambda self, value: ("299 Mine", 299),
    "autocorrect_location_header": True,
    "__call__": lambda self, environ, start_response: (start_response("299 Mine", []), [b"mine"])[1],
}


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_what_a_subclass_overrides_is_honoured(name: str) -> None:
    def story(framework: Framework) -> object:
        kind = type("Mine", (framework.Response,), {name: OVERRIDDEN[name]})
        app = framework.Flask("app")
        app.response_class = kind
        app.add_url_rule("/", "view", lambda: "text")
        app.add_url_rule("/made", "made", lambda: kind("text", 201))
        told = [sent(kind("text")), sent(kind(b"bytes", 404), "HEAD"), sent(type("Sub", (kind,), {})("text"))]
        return [*told, *(call(app, path) for path in ("/", "/made"))]

    told_alike(story)


LATER = ("get_wsgi_headers", "get_wsgi_response", "get_app_iter", "iter_encoded")


@pytest.mark.parametrize("name", [*LATER, "set_data", "status", "_clean_status"])
@pytest.mark.parametrize("base", [True, False], ids=["Response", "subclass"])
def test_what_is_patched_on_a_class_later_is_honoured(name: str, base: bool) -> None:
    def story(framework: Framework) -> object:
        kind = framework.Response if base else type("Mine", (framework.Response,), {})
        before = vars(kind).get(name)
        told = [sent(kind("text"))]
        setattr(kind, name, OVERRIDDEN[name])
        try:
            told.append(sent(kind("text")))
        finally:
            delattr(kind, name) if before is None else setattr(kind, name, before)
        return [*told, sent(kind("text"))]

    told_alike(story)


@pytest.mark.parametrize("name", ["get_wsgi_headers", "get_wsgi_response", "get_app_iter", "close"])
def test_what_is_set_on_a_response_itself_is_honoured(name: str) -> None:
    def story(framework: Framework) -> object:
        response, log = framework.Response("text"), []
        overridden = OVERRIDDEN.get(name, lambda self: log.append("closed"))
        setattr(response, name, lambda *args: overridden(response, *args))
        body, status, headers = run_wsgi_app(response, environ())
        said = b"".join(body)
        getattr(body, "close", lambda: None)()
        return said, status, list(headers), log

    told_alike(story)


@beside_flask
def test_defaults_of_the_class_may_be_set_later(framework: Framework) -> object:
    kind = type("Mine", (framework.Response,), {})
    app = framework.Flask("app")
    app.response_class = kind
    app.add_url_rule("/", "view", lambda: "text")
    told = [call(app)]
    for name, value in (
        ("default_mimetype", "text/mine"),
        ("default_status", 299),
        ("automatically_set_content_length", False),
        ("default_mimetype", None),
    ):
        setattr(kind, name, value)
        told += [call(app), list(kind("x").headers)]
    return told


def test_types_from_outside_are_not_all_remembered() -> None:
    for n in range(500):
        assert erlen.Response("x", mimetype=f"text/x-{n}").content_type == f"text/x-{n}; charset=utf-8"
    assert len(wrappers.response._content_types) <= 100


@beside_flask
def test_responses_are_werkzeugs(framework: Framework) -> object:
    response = framework.Response("x")
    other = werkzeug.wrappers.Response("y", 201)
    forced = framework.Response.force_type(other)
    told = [
        isinstance(response, werkzeug.wrappers.Response),
        forced is other,
        type(forced) is framework.Response,
    ]
    told += [framework.Response.default_mimetype, framework.Response.autocorrect_location_header]
    told += [
        issubclass(framework.Response, werkzeug.wrappers.Response),
        isinstance(other, framework.Response),
    ]
    twin = framework.Response.from_app(other, environ())
    return [*told, twin.status, response.is_json, response.json is None, repr(response), twin.get_data()]


@beside_flask
def test_attributes_of_ones_own_may_be_set(framework: Framework) -> object:
    response = framework.Response("x")
    response.mine = 1
    return response.mine, sorted(vars(response))


@beside_flask
def test_cookies_are_as_large_as_the_configuration_says(framework: Framework) -> object:
    app = framework.Flask("app")
    app.config["MAX_COOKIE_SIZE"] = 10
    told = [framework.Response().max_cookie_size]
    with app.app_context():
        told.append(framework.Response().max_cookie_size)
        with pytest.warns(UserWarning, match="too large"):
            framework.Response().set_cookie("name", "x" * 20)
    return told


# cookies


UTC = datetime.timezone.utc
EXPIRES = st.one_of(
    st.none(),
    st.datetimes(timezones=st.sampled_from([None, UTC, datetime.timezone(datetime.timedelta(hours=5))])),
    st.sampled_from(
        ["", "Thu, 01 Jan 1970 00:00:00 GMT", "x; y", 0, 1.5, 10**30, datetime.date(2020, 1, 1), []]
    ),
)
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "max_age": st.sampled_from([None, 0, 60, "60", datetime.timedelta(1)]),
        "domain": st.sampled_from(
            [None, "", "example.com", ".example.com:80", "é.example", "x" * 70, "a\nb", []]
        ),
        "path": st.sampled_from([None, "/", "/a b;c", "", "/é"]),
        "secure": st.sampled_from([True, False, None, 1, 0]),
        "httponly": st.booleans(),
        "partitioned": st.booleans(),
        "samesite": st.sampled_from([None, "Lax", "strict", "NONE", "sometimes", "", []]),
    },
)
VALUES = st.one_of(st.from_regex(r"[\w.-]*", fullmatch=True), st.text(max_size=5))


def set_twice(response: t.Any, *args: t.Any, **kwargs: t.Any) -> list[tuple[str, str]]:
    """Set a cookie twice, the second time where something is kept, and return the headers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        response.set_cookie(*args, **kwargs)
        response.set_cookie(*args, **kwargs)
    return list(response.headers)


@examples(300)
@given(
    name=st.sampled_from(["session", "é", "a=b", "", "a\nb", "a\x1fb"]),
    value=VALUES,
    expires=EXPIRES,
    attributes=ATTRIBUTES,
)
def test_a_cookie_is_written_as_werkzeug_writes_it(
    name: str, value: str, expires: t.Any, attributes: dict[str, t.Any]
) -> None:
    if expires is None:
        attributes.pop("max_age", None)  # then the time that is written depends on the clock
    ours, theirs = (
        outcome(set_twice, cls(mimetype="text/html"), name, value, expires=expires, **attributes)
        for cls in (wrappers.Response, werkzeug.wrappers.Response)
    )
    assert ours == theirs


def test_a_flag_and_a_number_are_told_apart_in_a_cookie() -> None:
    response = wrappers.Response()
    for flag in (True, 1, True):
        response.set_cookie("a", "b", secure=flag)
    assert response.headers.getlist("Set-Cookie") == [
        "a=b; Secure; Path=/",
        "a=b; Secure=1; Path=/",
        "a=b; Secure; Path=/",
    ]


@beside_flask
def test_a_cookie_with_an_age_ends_that_long_after_it_was_set(framework: Framework) -> object:
    response = framework.Response()
    with pytest.MonkeyPatch.context() as patch:
        for moment in (0, 60):
            now = datetime.datetime.fromtimestamp(moment, UTC)
            patch.setattr(werkzeug.http, "datetime", type("Clock", (), {"now": lambda tz, now=now: now}))
            response.set_cookie("name", "value", max_age=60)
    return response.headers.getlist("Set-Cookie")


@beside_flask
def test_a_cookie_is_set_on_headers_of_any_class(framework: Framework) -> object:
    response = framework.Response()
    response.headers = Headers([("X-One", "1")])
    response.set_cookie("name", "value", 60, 0, "/path", "example.test", True, True, "lax", True)
    return list(response.headers)


# redirects


ADDRESSES = st.one_of(
    st.text("aZ0/?#&=%'\"<>[]@:;,!$()*+.~_-\\|^`{} é☃ü\x7f\u2028\udc80", max_size=8).map("/".__add__),
    st.sampled_from(
        (
            *(
                "/",
                "/x",
                "//x/y",
                "///",
                "/?",
                "/#",
                "/x?",
                "/x#",
                "/x?#",
                "/x?a=1#",
                "/x?a=1&b=2#top",
                "/a/../b",
            ),
            *(
                "",
                "x",
                "?q",
                "#f",
                "../x",
                "/%zz",
                "/a%20b",
                "/a b",
                "/x;p=1",
                "/:80",
                "/x//y",
                "/\\evil.test",
            ),
            *(
                "http://erlen.test/é?ü#ö",
                "http://Erlen.TEST",
                "http://☃.test/",
                "https://u:p@x:80/",
                "mailto:a@b",
            ),
            *("http://[::1]/", "http://[x", "http://x:y/", f"http://{'x' * 70}.test/", "javascript:alert(1)"),
        )
    ),
)


@given(
    st.lists(ADDRESSES, min_size=1, max_size=5),
    st.sampled_from((301, 302, 303, 307, 308, 200, 204, 299, 304, 999, "302", "302 Own", True)),
    st.sampled_from((None, "autocorrect", "subclass", "instance", "hook", "twice", "app")),
    st.sampled_from(("GET", "HEAD", "POST")),
)
@examples(200)
def test_a_redirect_is_sent_as_flasks(
    addresses: list[str], code: t.Any, change: str | None, method: str
) -> None:
    def story(framework: Framework) -> object:
        class Own(framework.Response):  # type: ignore[misc]
            autocorrect_location_header = change == "autocorrect"

        class App(framework.Flask):  # type: ignore[misc]
            if change == "app":

                def redirect(self, location: str, code: int = 302) -> t.Any:
                    return super().redirect(f"{location}?own", code)

        app = App("app")
        if change in ("autocorrect", "subclass"):
            app.response_class = Own

        @app.route("/go/<int:number>", methods=["GET", "POST"])
        def go(number: int) -> t.Any:
            response = framework.redirect(addresses[number], code)
            if change == "instance":
                response.autocorrect_location_header = True
            elif change == "twice" and addresses[number][:1] == "/":
                response.headers.add("location", "/other")
            return response

        @app.after_request
        def after(response: t.Any) -> t.Any:
            if change == "hook":
                response.location = f"{response.location}/hooked"
            return response

        if change is None:
            app.after_request_funcs.clear()
        # An address that Werkzeug cannot send fails here too, in the view already.
        told = []
        for number in range(len(addresses)):
            answer = outcome(lambda number=number: call(app, f"/go/{number}", method=method))
            told.append(500 if getattr(answer, "status", "500").startswith("500") else answer)
        return told

    told_alike(story)


@pytest.mark.parametrize("evil", ["/a\nb", "/a\rb", "/a\r\nSet-Cookie: x=1", "/x\0y", "/\n", "\n/x"])
def test_a_redirect_takes_no_control_character(evil: str) -> None:
    app = Erlen(__name__)
    with app.test_request_context():
        for code in (302, 303):
            try:
                response = erlen.redirect(evil, code)
            except ValueError:
                continue
            _, _, headers = run_wsgi_app(response, environ())
            assert "\0" not in headers["Location"]
            assert not set(headers["Location"]) & set("\r\n")


def test_a_redirect_to_a_path_is_made_without_werkzeug(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Erlen(__name__)
    app.add_url_rule("/go", "go", lambda: erlen.redirect("/users/41?tab=a&b#top", 303))
    client = app.test_client()
    expected = client.get("/go")
    monkeypatch.setattr("erlen.app._redirect", None)
    monkeypatch.setattr("werkzeug.wrappers.Response.get_wsgi_headers", None)
    answer = client.get("/go")
    assert (answer.status, answer.data) == (expected.status, expected.data)
    assert answer.headers["Location"] == "/users/41?tab=a&b#top"
    assert b'href="/users/41?tab=a&amp;b#top"' in answer.data
