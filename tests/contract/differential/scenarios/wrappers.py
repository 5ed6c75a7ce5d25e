"""Requests and responses, made, read and changed in every way."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any

from flask import Flask, Request, Response, make_response, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from .. import differences
from .story import combinations, scenario

CONTENTS: list[Any] = ["", "text", "größe", b"", b"bytes", None, ["a", b"b"], bytearray(b"ba"), iter]
STATUSES: list[Any] = [None, 200, 204, 304, 404, 599, "201 Made", "202", "", HTTPStatus.CREATED, 1000]
HEADERS: list[Callable[[], Any]] = [
    lambda: None,
    dict,
    lambda: {"X-Own": "1"},
    lambda: {"Content-Type": "text/plain"},
    lambda: {"content-type": "application/x-own; a=b"},
    lambda: [("Content-Type", "text/html"), ("X-Own", "1"), ("X-Own", "2")],
    lambda: Headers([("Content-Type", "image/png"), ("Content-Length", "99")]),
]
TYPES: list[dict[str, Any]] = [
    {},
    {"mimetype": "text/plain"},
    {"mimetype": "image/png"},
    {"mimetype": "application/json"},
    {"mimetype": "application/xml"},
    {"mimetype": "image/svg+xml"},
    {"mimetype": ""},
    {"content_type": "text/x-own; charset=latin-1"},
    {"content_type": ""},
    {"mimetype": "text/plain", "content_type": "text/x-own"},
]


def told(response: Any) -> list[Any]:
    """Tell a response as a server would see it, and as a user does."""
    seen = [response.status, response.status_code, response.mimetype, response.content_type]
    headers = differences.headers([[name, value] for name, value in response.headers])
    return [*seen, headers, response.is_streamed, response.is_sequence, served(response)]


def served(response: Any) -> list[Any]:
    """Run the response as the WSGI application it is."""
    lines: list[Any] = []
    environ = EnvironBuilder(path="/").get_environ()
    body = response(environ, lambda status, headers: lines.extend([status, differences.headers(headers)]))
    return [*lines, b"".join(body).decode("latin-1")]


def outcome(function: Callable[[], Any]) -> Any:
    """Give what a function returns, or the name of its exception."""
    try:
        return function()
    except Exception as error:
        return f"raised {type(error).__name__}"


def content(kind: Any) -> Any:
    return iter(["i", "t"]) if kind is iter else kind


@scenario
def responses_made_in_every_way() -> Any:
    log = {}
    with Flask("made").test_request_context():
        for parts in combinations(CONTENTS, STATUSES, range(len(HEADERS)), TYPES, one_in=13):
            kind, status, headers, types = parts
            made = outcome(lambda p=parts: told(Response(content(p[0]), p[1], HEADERS[p[2]](), **p[3])))
            log[repr([str(kind), str(status), headers, types])] = repr(made)
    return log


@scenario
def views_that_return_tuples_in_every_way() -> Any:
    log = {}
    app = Flask("tuples")
    inner = [
        lambda: "t",
        lambda: {"a": 1},
        lambda: Response("r", 299, {"X-Own": "0"}, mimetype="a/b"),
        lambda: [1],
    ]
    with app.test_request_context():
        for parts in itertools.product(range(len(inner)), STATUSES, range(len(HEADERS))):
            returned = inner[parts[0]](), parts[1], HEADERS[parts[2]]()
            log[repr([parts[0], str(parts[1]), parts[2]])] = [
                repr(outcome(lambda r=returned: told(app.make_response(r)))),
                repr(outcome(lambda r=returned: told(app.make_response(r[:2])))),
                repr(outcome(lambda r=returned: told(app.make_response((r[0], r[2]))))),
                repr(outcome(lambda r=returned: told(make_response(*r)))),
            ]
    return log


CHANGES: dict[str, Callable[[Any], Any]] = {
    "status": lambda r: setattr(r, "status", "299 Odd"),
    "status code": lambda r: setattr(r, "status_code", 418),
    "data": lambda r: setattr(r, "data", "größe"),
    "set_data": lambda r: r.set_data(b"set"),
    "response": lambda r: setattr(r, "response", ["a", "b"]),
    "read": lambda r: r.get_data(),
    "read text": lambda r: r.get_data(as_text=True),
    "read json": lambda r: r.get_json(silent=True),
    "iterate": lambda r: list(r.iter_encoded()),
    "mimetype": lambda r: setattr(r, "mimetype", "text/css"),
    "content type": lambda r: setattr(r, "content_type", "a/b"),
    "add header": lambda r: r.headers.add("X-Own", "1", filename="ü"),
    "set header": lambda r: r.headers.__setitem__("X-Own", "2"),
    "set content type header": lambda r: r.headers.__setitem__("Content-Type", "c/d"),
    "delete header": lambda r: r.headers.pop("Content-Type", None),
    "extend headers": lambda r: r.headers.extend({"X-More": ["1", "2"]}),
    "clear headers": lambda r: r.headers.clear(),
    "replace headers": lambda r: setattr(r, "headers", Headers([("X-New", "1")])),
    "cookie": lambda r: r.set_cookie("a", "b", max_age=timedelta(hours=1), secure=True, samesite="lax"),
    "cookie date": lambda r: r.set_cookie("a", "b", expires=datetime(2030, 1, 1, tzinfo=timezone.utc)),
    "delete cookie": lambda r: r.delete_cookie("a", path="/x"),
    "length": lambda r: setattr(r, "content_length", 3),
    "calculate": lambda r: r.calculate_content_length(),
    "freeze": lambda r: r.freeze(),
    "sequence": lambda r: r.make_sequence(),
    "tag": lambda r: r.add_etag(),
    "set tag": lambda r: r.set_etag("t", weak=True),
    "modified": lambda r: setattr(r, "last_modified", datetime(2024, 1, 1, tzinfo=timezone.utc)),
    "age": lambda r: setattr(r.cache_control, "max_age", 5),
    "no store": lambda r: setattr(r.cache_control, "no_store", True),
    "vary": lambda r: r.vary.update(["Cookie", "Accept"]),
    "allow": lambda r: r.allow.add("GET"),
    "authenticate": lambda r: setattr(r, "www_authenticate", None),
    "location": lambda r: setattr(r, "location", "/ü?a b"),
    "policy": lambda r: setattr(r.content_security_policy, "default_src", "'self'"),
    "stream": lambda r: r.stream.write(b"more"),
    "conditional": lambda r: r.make_conditional(EnvironBuilder(headers={"If-None-Match": "*"}).get_environ()),
    "own attribute": lambda r: setattr(r, "foreign", 1),
    "direct": lambda r: setattr(r, "direct_passthrough", True),
    "implicit": lambda r: setattr(r, "implicit_sequence_conversion", False),
    "close": lambda r: r.close(),
}

MAKERS: dict[str, Callable[[Flask], Any]] = {
    "text": lambda app: app.make_response("text"),
    "dict": lambda app: app.make_response({"a": 1}),
    "tuple": lambda app: app.make_response(("t", 201, {"X-Own": "0"})),
    "response": lambda app: Response("r", mimetype="text/plain"),
    "stream": lambda app: Response(iter(["a", "b"])),
    "empty": lambda app: make_response(),
    "jsonify": lambda app: app.json.response(1, 2),
}


@scenario
def responses_changed_in_every_way() -> Any:
    log = {}
    app = Flask("changed")
    with app.test_request_context():
        for maker, first, second in combinations(MAKERS, CHANGES, CHANGES, one_in=5):
            response = MAKERS[maker](app)
            ends = [repr(outcome(lambda c=change, r=response: CHANGES[c](r))) for change in (first, second)]
            log[f"{maker}, {first}, {second}"] = repr(
                [_without_address(ends), outcome(lambda r=response: told(r))]
            )
    return log


def _without_address(ends: list[str]) -> list[str]:
    return ["an object" if " at 0x" in end or end.startswith("<") else end for end in ends]


READS = """
    method scheme server root_path path query_string headers remote_addr url base_url root_url host_url host
    cookies args form files values data json is_json mimetype mimetype_params content_type content_length
    full_path script_root url_root access_route is_secure remote_user stream authorization user_agent range
    if_range if_match if_none_match if_modified_since accept_mimetypes accept_languages cache_control referrer
    origin date max_forwards endpoint blueprint blueprints url_rule view_args routing_exception shallow
    max_content_length max_form_parts max_form_memory_size want_form_data_parsed input_stream is_multithread
    parameter_storage_class environ
""".split()  # noqa: SIM905
READ_TOGETHER = """
    args form files values data json is_json mimetype content_type content_length stream input_stream url path
    query_string headers host cookies method want_form_data_parsed max_content_length
""".split()  # noqa: SIM905
FILE = b"""--B\r
Content-Disposition: form-data; name="f"; filename="f.txt"\r
\r
content\r
--B--\r
"""
REQUESTS: dict[str, dict[str, Any]] = {
    "get": {
        "path": "/a/b?x=1&x=2&y=%C3%BC",
        "headers": {"Cookie": "a=1; b=2", "Accept": "text/html;q=0.5, */*"},
    },
    "form": {"path": "/f", "method": "POST", "data": {"a": ["1", "2"], "b": "ü"}},
    "json": {"path": "/j", "method": "PUT", "json": {"a": [1, None]}},
    "broken json": {"path": "/j", "method": "POST", "data": "{", "content_type": "application/json"},
    "bytes": {
        "path": "/b",
        "method": "PATCH",
        "data": b"\x00\xff",
        "content_type": "application/octet-stream",
    },
    "typeless": {"path": "/t", "method": "POST", "data": b"a=1"},
    "files": {
        "path": "/u",
        "method": "POST",
        "data": FILE,
        "content_type": "multipart/form-data; boundary=B",
    },
    "mounted": {"path": "/m", "base_url": "https://shop.test:8443/app", "query_string": "q"},
}


@scenario
def request_attributes_read_in_every_order() -> Any:
    log = {}
    app = Flask("read")
    orders = [(read, read) for read in READS] + list(itertools.permutations(READ_TOGETHER, 2))
    for name, (first, second) in itertools.product(REQUESTS, orders):
        with app.test_request_context(**REQUESTS[name]):
            seen = [
                repr(outcome(lambda a=attribute: _plain(getattr(request, a))))
                for attribute in (first, second)
            ]
            log[f"{name}, {first}, {second}"] = seen
    return log


@scenario
def request_methods_called_in_every_order() -> Any:
    calls: dict[str, Callable[[], Any]] = {
        "data": lambda: request.get_data(),
        "data, form parsed": lambda: request.get_data(parse_form_data=True),
        "data, not kept": lambda: request.get_data(cache=False),
        "text": lambda: request.get_data(as_text=True),
        "json": lambda: request.get_json(),
        "json, forced": lambda: request.get_json(force=True),
        "json, silent": lambda: request.get_json(silent=True),
        "json, not kept": lambda: request.get_json(cache=False, silent=True),
        "form": lambda: request.form.to_dict(flat=False),
        "files": lambda: list(request.files),
        "stream": lambda: request.stream.read(),
        "a byte": lambda: request.stream.read(1),
        "values": lambda: request.values.to_dict(flat=False),
        "close": lambda: request.close(),
        "on_json_loading_failed": lambda: request.on_json_loading_failed(None),
    }
    log = {}
    app = Flask("called")
    for name, *order in itertools.product(REQUESTS, calls, calls):
        with app.test_request_context(**REQUESTS[name]):
            log[f"{name}, {order}"] = [repr(outcome(calls[call])) for call in order]
    return log


@scenario
def request_attributes_assigned_and_deleted() -> Any:
    log: dict[str, Any] = {}
    for attribute, read_before in itertools.product(READS, (True, False)):
        own = Request(EnvironBuilder(**REQUESTS["get"]).get_environ())
        if read_before:
            outcome(lambda a=attribute, r=own: getattr(r, a))
        log[f"{attribute}, read before: {read_before}"] = [
            outcome(lambda a=attribute, r=own: setattr(r, a, "assigned")),
            repr(outcome(lambda a=attribute, r=own: _plain(getattr(r, a)))),
            attribute in dir(own),
            outcome(lambda a=attribute, r=own: delattr(r, a)),
        ]
    return log


def _plain(value: Any) -> Any:
    """Give something with a `repr` that tells the content and no address."""
    if hasattr(value, "read"):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, dict) and "wsgi.input" in value:
        return sorted(key for key in value if not key.startswith("werkzeug."))
    return list(value.items()) if isinstance(value, Headers) else value


@scenario
def json_responses_of_every_provider_setting() -> Any:
    log = {}
    values = [{"b": 1, "a": [1.5, None]}, [1], "ü", 5, None, {"k": {"z": 1, "y": 2}}, {}, []]
    for ensure, sort, compact, debug in itertools.product((1, 0), (1, 0), (None, True, False), (0, 1)):
        app = Flask("json")
        app.debug = bool(debug)
        provider: Any = app.json
        provider.ensure_ascii, provider.sort_keys, provider.compact = bool(ensure), bool(sort), compact
        with app.test_request_context():
            log[repr([ensure, sort, compact, debug])] = [
                [app.json.dumps(value), told(app.json.response(value)), told(app.make_response([value]))]
                for value in values
            ]
    return log
