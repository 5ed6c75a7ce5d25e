"""Requests and responses are Werkzeug's, late and cheap as they are made."""

from __future__ import annotations

import copy
import io
import pickle
import random
import typing as t
from http import HTTPStatus

import flask
import pytest
import werkzeug.wrappers
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
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


# requests

NAMES = tuple(
    name
    for name in dir(flask.Request)
    if not name.startswith("_")
    and name not in ("from_values", "application", "get_data", "get_json", "make_form_data_parser", "close")
    and not name.startswith(
        ("on_json", "dict_storage", "list_storage", "parameter_storage", "form_data", "json_mod")
    )
    and not name.endswith("_class")
)


def looked_at(request: t.Any, name: str) -> object:
    value = outcome(getattr, request, name)
    if name in ("stream", "input_stream"):
        return outcome(value.read) if hasattr(value, "read") else value
    if name in ("environ", "want_form_data_parsed"):
        return type(value)
    if isinstance(value, Headers):
        return list(value)
    if isinstance(value, MultiDict):
        return {key: list(map(str, values)) for key, values in value.lists()}
    if callable(value):
        return name
    return repr(value) if type(value).__eq__ is object.__eq__ else value


_texts = st.sampled_from(
    ("", "/", "//", "/a b", "a", "/é".encode().decode("latin1"), "/%41", "/\xff", "/a\nb")
)
_environs = st.fixed_dictionaries(
    {"wsgi.url_scheme": st.sampled_from(("http", "https"))},
    optional={
        "REQUEST_METHOD": st.sampled_from(("GET", "POST", "post", "PUT", "X-ODD")),
        "PATH_INFO": _texts,
        "SCRIPT_NAME": _texts,
        "QUERY_STRING": st.sampled_from(("", "a=1&a=2&b=%20", "\xc3\xa9=\xc3\xbf", "&&=")),
        "SERVER_NAME": st.sampled_from(("erlen.test", "unix:/x", "::1")),
        "SERVER_PORT": st.sampled_from(("80", "443", "8000")),
        "HTTP_HOST": st.sampled_from(("erlen.test", "erlen.test:80", "a b")),
        "REMOTE_ADDR": st.sampled_from(("127.0.0.1", "")),
        "REMOTE_USER": st.just("ada"),
        "HTTP_COOKIE": st.sampled_from(("a=1; b=2", "a", "é=\xff; session=x")),
        "HTTP_ACCEPT": st.sampled_from(("text/html;q=0.5, */*", "x")),
        "HTTP_AUTHORIZATION": st.sampled_from(("Basic YTpi", "Bearer x", "odd")),
        "HTTP_IF_MODIFIED_SINCE": st.just("Wed, 21 Oct 2015 07:28:00 GMT"),
        "HTTP_RANGE": st.just("bytes=0-1"),
        "HTTP_X_FORWARDED_FOR": st.just("1.2.3.4, 5.6.7.8"),
        "HTTP_REFERER": st.just("/from"),
        "CONTENT_TYPE": st.sampled_from(
            (
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain",
            )
        ),
        "CONTENT_LENGTH": st.sampled_from(("0", "3", "x", "-1", "")),
    },
)


@given(
    _environs, st.sampled_from((b"", b"a=1&b=%C3%A9", b'{"a": [1]}', b"--x\r\n", b"{")), st.integers(0, 99)
)
@examples(60)
def test_a_request_has_the_attributes_of_flasks(given_: dict[str, t.Any], body: bytes, seed: int) -> None:
    """In whatever order they are looked at."""
    order = random.Random(seed).sample(NAMES, len(NAMES))

    def story(framework: Framework) -> object:
        given = {**given_, "wsgi.input": io.BytesIO(body)}
        given.setdefault("CONTENT_LENGTH", str(len(body)))
        request = framework.Request(given)
        told = [(name, looked_at(request, name)) for name in order]
        return [*told, *((name, looked_at(request, name)) for name in ("path", "args", "headers", "values"))]

    told_alike(story)


# the body, in any order


_operations = st.lists(
    st.sampled_from(
        (
            *("data", "form", "files", "json", "values", "stream", "read", "read 2", "readline", "is_json"),
            *(
                "get_data",
                "get_data uncached",
                "get_data text",
                "get_data parsed",
                "get_json",
                "get_json silent",
            ),
        )
    ),
    min_size=1,
    max_size=5,
)
READING: dict[str, t.Callable[[t.Any], object]] = {
    "read": lambda request: request.stream.read(),
    "read 2": lambda request: request.stream.read(2),
    "readline": lambda request: request.stream.readline(),
    "stream": lambda request: request.stream.read(0),
    "get_data": lambda request: request.get_data(),
    "get_data uncached": lambda request: request.get_data(cache=False),
    "get_data text": lambda request: request.get_data(as_text=True),
    "get_data parsed": lambda request: request.get_data(parse_form_data=True),
    "get_json": lambda request: request.get_json(force=True),
    "get_json silent": lambda request: request.get_json(silent=True, cache=False),
    "files": lambda request: [
        (name, file.filename, file.read()) for name, file in request.files.items(multi=True)
    ],
}
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\nfile\r\n--x--\r\n'
)
_bodies = st.sampled_from(
    (
        b"",
        b"a=1&b=%C3%A9&a=2",
        b'{"a": [1]}',
        b"null",
        MULTIPART,
        b"\xff=\xff",
        b"a" * 70_000,
        b"a\nb\n",
        b"&&=&;",
    )
)
_body_environs = st.fixed_dictionaries(
    {
        "CONTENT_TYPE": st.sampled_from(
            (
                *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"),
                *(
                    "application/x-www-form-urlencoded; charset=latin1",
                    "APPLICATION/X-WWW-FORM-URLENCODED",
                    "",
                ),
                *("text/plain", "multipart/form-data", "application/vnd.x+json"),
            )
        ),
    },
    optional={
        "CONTENT_LENGTH": st.sampled_from(("0", "3", "99999999", "x", "-1", "", None)),
        "HTTP_TRANSFER_ENCODING": st.just("chunked"),
        "wsgi.input_terminated": st.just(True),
    },
)
_limits = st.dictionaries(
    st.sampled_from(("MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS")),
    st.sampled_from((0, 1, 5, 100)),
)


@given(_body_environs, _bodies, _operations, _limits)
@examples(80)
def test_the_body_is_read_as_in_flask_in_any_order(
    given_: dict[str, t.Any], body: bytes, operations: list[str], limits: dict[str, int]
) -> None:
    # Flask cuts such a body off at its limit, or refuses one that ends there; Erlen raises 413 beyond it.
    assume(not ("wsgi.input_terminated" in given_ and len(body) >= limits.get("MAX_CONTENT_LENGTH", 1 << 30)))
    # Flask takes a multipart form that is malformed, as all of these are, for an empty one.
    assume(not (body and given_["CONTENT_TYPE"].startswith("multipart")))

    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.config.update(limits)
        given = {
            **environ(method="POST"),
            "CONTENT_LENGTH": str(len(body)),
            **given_,
            "wsgi.input": io.BytesIO(body),
        }
        if given["CONTENT_LENGTH"] is None:
            del given["CONTENT_LENGTH"]
        told: list[object] = []
        with app.app_context():
            request = framework.Request(given)
            for operation in operations:
                read = READING.get(operation, lambda request, name=operation: looked_at(request, name))
                told.append((operation, outcome(read, request)))
            told.append(given["wsgi.input"].tell())
            told.append(outcome(request.close))
        return told

    told_alike(story)


@pytest.mark.parametrize(("limit", "data"), [(2, None), (3, b"a=1"), (4, b"a=1"), (None, b"a=1")])
def test_a_body_of_unknown_length_is_413_beyond_its_limit_and_whole_up_to_it(
    limit: int | None, data: bytes | None
) -> None:
    app = Erlen("app")
    app.config["MAX_CONTENT_LENGTH"] = limit
    given = environ(method="POST", data={"a": "1"})
    given.update({"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"})
    with app.app_context():
        request = erlen.Request(given)
        if data is None:
            with pytest.raises(RequestEntityTooLarge):
                request.get_data()
        else:
            assert request.get_data() == data


_fields = st.lists(
    st.one_of(
        st.sampled_from(
            ("&", "=", ";", "+", "%", "%C3%A9", "%c3", "%FF", "%2", "%%", "%00", "%26", "%3D", "a", "b")
        ),
        st.text("a=&;+%é\0 \n/?#[]", max_size=4),
    ),
    max_size=12,
).map("".join)


@given(_fields, st.booleans())
@examples(80)
def test_fields_of_query_and_form_are_read_as_in_flask(text: str, debug: bool) -> None:
    def story(framework: Framework) -> object:
        raw = text.encode("utf-8", "surrogatepass")
        app = framework.Flask("app")
        app.debug = debug
        given = environ(method="POST", data=raw, content_type="application/x-www-form-urlencoded")
        given["QUERY_STRING"] = raw.decode("latin1")
        with app.app_context():
            request = framework.Request(given)
            told = [
                outcome(lambda: list(request.args.items(multi=True))),
                outcome(lambda: list(request.form.items(multi=True))),
            ]
        return [
            *told,
            type(request.form).__name__,
            outcome(lambda: request.url),
            outcome(lambda: request.full_path),
        ]

    told_alike(story)


@beside_flask
def test_storage_classes_of_a_request_class_hold_its_fields(framework: Framework) -> object:
    class Request(framework.Request):  # type: ignore[name-defined,misc]
        parameter_storage_class = MultiDict
        dict_storage_class = MultiDict
        list_storage_class = list

    request = Request(
        environ("/?a=1&a=2", method="POST", data={"b": "3"}, headers={"X-Forwarded-For": "1, 2"})
    )
    told = [type(one).__name__ for one in (request.args, request.form, request.files, request.values)]
    return [*told, type(request.cookies).__name__, request.access_route, request.args.getlist("a")]


PARSING: dict[str, t.Any] = {
    "want_form_data_parsed": property(lambda self: False),
    "_get_stream_for_parsing": lambda self: io.BytesIO(b"patched=1"),
    "make_form_data_parser": lambda self: type(
        "P", (), {"parse": lambda *_: (io.BytesIO(), MultiDict({"patched": "2"}), MultiDict())}
    )(),
    "get_data": lambda self, *args, **kwargs: b"patched=3",
    "mimetype": "text/plain",
    "args": {"patched": "4"},
}


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("name", PARSING)
def test_what_reads_a_request_may_be_overridden(name: str, later: bool) -> None:
    def story(framework: Framework) -> object:
        kind = type("Mine", (framework.Request,), {} if later else {name: PARSING[name]})
        told = []
        for _ in range(2):
            request = kind(environ("/?a=1", method="POST", data={"b": "3"}))
            told.append((dict(request.form), request.data, request.path, dict(request.args)))
            if later:
                setattr(kind, name, PARSING[name])
        return told

    told_alike(story)


ASSIGNED = (
    "method",
    "path",
    "args",
    "form",
    "headers",
    "stream",
    "url_rule",
    "view_args",
    "cookies",
    "host",
    "url",
)
ASSIGNED += (
    "remote_addr",
    "scheme",
    "query_string",
    "root_path",
    "server",
    "json_module",
    "routing_exception",
)
ASSIGNED += (
    "max_content_length",
    "max_form_memory_size",
    "max_form_parts",
    "files",
    "data",
    "environ",
    "shallow",
)


@pytest.mark.parametrize("name", ASSIGNED)
@pytest.mark.parametrize("first", [True, False], ids=["before it is read", "after it was read"])
def test_an_attribute_of_a_request_may_be_assigned(name: str, first: bool) -> None:
    def story(framework: Framework) -> object:
        request = framework.Request(environ("/path?a=1", method="POST", data={"x": 1}))
        before = None if first else str(getattr(request, name))
        error = outcome(setattr, request, name, "assigned")
        return error, getattr(request, name), before == "assigned"

    told_alike(story)


@beside_flask
def test_attributes_that_cannot_be_assigned_in_flask_cannot_here(framework: Framework) -> object:
    request = framework.Request(environ())
    names = [name for name in NAMES if name not in ASSIGNED]
    return [(name, outcome(setattr, request, name, 1) is None) for name in names]


@beside_flask
def test_a_request_without_a_match_knows_nothing_of_routes(framework: Framework) -> object:
    request = framework.Request(environ("/path"))
    told = [request.url_rule, request.view_args, request.routing_exception, request.endpoint]
    return [*told, request.blueprint, request.blueprints, repr(request)]


@beside_flask
def test_a_request_knows_the_blueprints_of_its_route(framework: Framework) -> object:
    app, told = framework.Flask("app"), []
    for endpoint in ("plain", "a.view", "a.b.view", ".view", "a..view"):
        app.url_map.add(app.url_rule_class(f"/{endpoint}", endpoint=endpoint))
        with app.test_request_context(f"/{endpoint}"):
            request = framework.request
            told.append((request.endpoint, request.blueprint, request.blueprints))
    return told


@beside_flask
def test_a_request_is_known_to_its_environ_until_it_went(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    given = environ()

    @app.get("/")
    def view() -> str:
        log.append(framework.request.environ["werkzeug.request"] is framework.request._get_current_object())
        log.append(framework.request.environ is given)
        return ""

    call(app, given)
    shallow = environ()
    framework.Request(shallow, shallow=True)
    unknown = environ()
    framework.Request(unknown, populate_request=False)
    return [*log, given["werkzeug.request"], "werkzeug.request" in shallow, "werkzeug.request" in unknown]


@beside_flask
def test_a_shallow_request_leaves_the_body_alone(framework: Framework) -> object:
    request = framework.Request(environ(method="POST", data=b"x"), shallow=True)
    return outcome(lambda: request.data), outcome(lambda: request.stream), request.path


@beside_flask
def test_an_application_that_changes_the_environ_changes_no_request(framework: Framework) -> object:
    """A view that is a WSGI application, mounted by another's rules."""
    app, log = framework.Flask("app"), []

    def mounted(given: dict[str, t.Any], start_response: t.Any) -> list[bytes]:
        given["SCRIPT_NAME"], given["PATH_INFO"], given["REQUEST_METHOD"] = "/a", "/b", "PUT"
        start_response("200 OK", [("Content-Length", "0")])
        return []

    app.add_url_rule("/a/b", "view", lambda: mounted)

    @app.after_request
    def after(response: t.Any) -> t.Any:
        log.append((framework.request.path, framework.request.method, framework.request.script_root))
        return response

    return [call(app, "/a/b"), call(app, "/a/b"), log]


LIMITS = ("max_content_length", "max_form_memory_size", "max_form_parts")


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_the_requests_own_or_the_applications(name: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        request = framework.Request(environ())
        told = [getattr(request, name), isinstance(getattr(framework.Request, name), property) or True]
        with app.test_request_context():
            told.append(getattr(framework.request, name))
            app.config[name.upper()] = 7
            told.append(getattr(framework.request, name))
            setattr(framework.request, name, 5)
            told.append(getattr(framework.request, name))
            setattr(framework.request, name, 0)
            told.append(getattr(framework.request, name))
            setattr(framework.request, name, None)
            told.append(getattr(framework.request, name))
        sub = type("Mine", (framework.Request,), {name: 3})
        app.request_class = sub
        with app.test_request_context():
            told.append(getattr(framework.request, name))
        return told

    told_alike(story)


@pytest.mark.parametrize(
    ("name", "limit", "data"),
    [
        ("max_content_length", 3, {"x": "1234"}),
        ("max_form_memory_size", 3, {"x": "1234"}),
        ("max_form_parts", 1, {"x": "1", "y": "2"}),
    ],
)
@pytest.mark.parametrize("by", ["config", "hook", "view"])
@pytest.mark.parametrize("multipart", [True, False])
def test_a_body_beyond_its_limit_is_refused(
    name: str, limit: int, data: dict[str, str], by: str, multipart: bool
) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")

        def set_limit() -> None:
            setattr(framework.request, name, limit)

        if by == "config":
            app.config[name.upper()] = limit
        if by == "hook":
            app.before_request(set_limit)

        @app.post("/")
        def view() -> str:
            if by == "view":
                set_limit()
            return str(sorted(framework.request.form))

        content_type = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
        return call(app, method="POST", data=data, content_type=content_type)

    told_alike(story)


@beside_flask
def test_a_body_beyond_its_limit_is_an_error_of_whoever_reads_it(framework: Framework) -> object:
    app = framework.Flask("app")
    with app.test_request_context(method="POST", data=b"12345") as context:
        context.request.max_content_length = 3
        told = [outcome(lambda: framework.request.data), outcome(framework.request.get_data)]
    return told == [RequestEntityTooLarge] * 2


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null", b"\xff", b'{"a": 1}'])
@pytest.mark.parametrize("content_type", ["application/json", "application/vnd.x+json", "text/plain", None])
def test_json_is_read_as_in_flask(debug: bool, body: bytes, content_type: str | None) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.debug = debug
        told: list[object] = []
        with app.test_request_context(method="POST", data=body, content_type=content_type):
            request = framework.request
            for read in (
                lambda: request.json,
                request.get_json,
                lambda: request.get_json(force=True),
                lambda: request.get_json(silent=True),
                lambda: request.get_json(force=True, silent=True, cache=False),
            ):
                try:
                    told.append(read())
                except (BadRequest, UnsupportedMediaType) as error:
                    told.append((type(error).__name__, error.description))
        return told

    told_alike(story)


@beside_flask
def test_json_is_read_by_the_applications_provider(framework: Framework) -> object:
    class Provider(framework.json.provider.DefaultJSONProvider):  # type: ignore[name-defined,misc]
        def loads(self, s: t.Any, **kwargs: t.Any) -> object:
            return "mine"

    app = framework.Flask("app")
    app.json = Provider(app)
    with app.test_request_context(method="POST", json={}):
        told = [framework.request.json, framework.request.json_module is app.json]
    outside = framework.Request(environ(method="POST", json=[1]))
    return [*told, outside.json]


@beside_flask
def test_a_missing_file_of_a_form_without_multipart_is_explained_in_debug_mode(
    framework: Framework,
) -> object:
    app = framework.Flask("app")
    app.debug = True
    with app.test_request_context(method="POST", data={"file": "name.txt"}):
        with pytest.raises(KeyError) as caught:
            framework.request.files["file"]
        assert "multipart/form-data" in str(caught.value)
        return type(caught.value).__mro__[1].__name__, outcome(lambda: framework.request.files["other"])


@beside_flask
def test_a_request_class_may_extend_the_constructor(framework: Framework) -> object:
    class Request(framework.Request):  # type: ignore[name-defined,misc]
        def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().__init__(*args, **kwargs)
            self.tenant = self.headers.get("X-Tenant", self.path)

        @property
        def method(self) -> str:  # type: ignore[override]
            return "MINE"

        @method.setter
        def method(self, value: str) -> None:
            pass

    app = framework.Flask("app")
    app.request_class = Request
    app.add_url_rule("/path", "view", lambda: f"{framework.request.tenant} {framework.request.method}")
    return [call(app, "/path"), call(app, "/path", headers={"X-Tenant": "ada"})]


def test_attributes_of_a_request_are_made_when_they_are_read() -> None:
    request = erlen.Request(environ("/path"))
    assert sorted(vars(request)) == ["environ", "shallow"]
    assert request.path == "/path"
    assert request.headers is request.headers
    assert {"path", "headers"} < set(vars(request))


def test_requests_are_werkzeugs() -> None:
    assert issubclass(erlen.Request, werkzeug.wrappers.Request)
    assert isinstance(erlen.Request(environ()), werkzeug.wrappers.Request)
    assert erlen.Request.from_values("/path").path == "/path"
    assert wrappers.RequestBase is werkzeug.wrappers.Request
    assert wrappers.ResponseBase is werkzeug.wrappers.Response


def test_the_application_is_asked_for_a_limit_when_it_is_read() -> None:
    app = Erlen("app")
    request = erlen.Request(environ())
    with app.app_context():
        app.config["MAX_CONTENT_LENGTH"] = 9
        assert request.max_content_length == 9
    assert request.max_content_length is None
