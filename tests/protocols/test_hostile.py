"""Hostile requests are refused, or read, by every way alike; what is harmless is read as by Flask."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.sansio.utils import get_current_url

from tests.gateway.asgi.driver import ask, http
from tests.protocols.web import Colour, Web
from tests.serve.beside import call, environ

QUERIES = {
    "a=\xff": {"a": ["%FF"]},
    "\xff=1": {"%FF": ["1"]},
    "a=%ff": {"a": ["%FF"]},
    "a=\xc3\xa9&b=%C3%A9": {"a": ["é"], "b": ["é"]},
    "a=\xed\xa0\x80+b": {"a": ["%ED%A0%80 b"]},
    "a=\xc3": {"a": ["%C3"]},
    "\xfe\xff=\xfe&a=b": {"%FE%FF": ["%FE"], "a": ["b"]},
}


@pytest.mark.parametrize("query", QUERIES)
def test_bytes_of_a_query_that_are_no_text_stay_escaped(erlen_web: Web, colour: Colour, query: str) -> None:
    app = erlen_web.Flask("app")
    request = erlen_web.request

    def view() -> t.Any:
        return {"args": request.args.to_dict(flat=False), "path": request.full_path, "url": request.url}

    app.add_url_rule("/", "view", colour(view))
    for _ in range(2):
        answer = erlen_web.wire(app, f"/?{query}")
        assert answer.status == 200
        assert erlen_web.json.loads(answer.body)["args"] == QUERIES[query]


@pytest.mark.parametrize("query", ["a=%ff", "a=\xc3\xa9&b=%C3%A9", "a=%", "a&&b", "%C3"])
def test_a_query_that_flask_reads_is_read_as_by_flask(web: Web, query: str) -> None:
    app = web.Flask("app")

    @app.route("/")
    def view() -> t.Any:
        return {"args": web.request.args.to_dict(flat=False), "path": web.request.full_path}

    flask = Web("flask")
    told = flask.Flask("app")

    @told.route("/")
    def flasks() -> t.Any:
        return {"args": flask.request.args.to_dict(flat=False), "path": flask.request.full_path}

    assert web.wire(app, f"/?{query}").body == flask.wire(told, f"/?{query}").body


ADDRESSES = ("url", "base_url", "root_url", "host_url")
# No address can be made of these.
BAD_HOSTS = ["xn--", "XN--", "xn--a-.test", "xn--99999999", "xn--.a", "a.xn--", "[1:2]", "xn--:8000"]


def _with_host(web: Web, app: t.Any, path: str, host: str) -> tuple[int, str]:
    """Return status and text; a client of tests would decode the host itself."""
    if web.protocol == "asgi":
        answer = ask(app, http(path, headers=[(b"host", host.encode("latin1"))]))
        return answer.status, answer.body.decode()
    told = call(app, environ(path) | {"HTTP_HOST": host})
    return int(told.status[:3]), told.body.decode()


def _addressed(web: Web, colour: Colour) -> t.Any:
    app = web.Flask("app")
    for name in ADDRESSES:
        app.add_url_rule(f"/{name}", name, colour(lambda name=name: getattr(web.request, name)))
    app.add_url_rule("/plain", "plain", colour(lambda: "plain"))
    app.add_url_rule("/slash/", "slash", colour(lambda: "slash"))
    return app


def _is_refused(host: str) -> bool:
    try:
        get_current_url("http", host)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_an_invalid_host_is_a_bad_request_when_an_address_is_asked_for(
    erlen_web: Web, colour: Colour, host: str
) -> None:
    app = _addressed(erlen_web, colour)
    # Which hosts Python's codec for international names refuses depends on its version.
    expected = (400,) if _is_refused(host) else (200, 308)
    for _ in range(2):
        for name in (*ADDRESSES, "slash"):
            assert _with_host(erlen_web, app, f"/{name}", host)[0] in expected
        assert _with_host(erlen_web, app, "/plain", host) == (200, "plain")


@pytest.mark.parametrize("host", ["a:99999", "a:0", "a:x", "[::1", "[::1]:99999", "a:", "a b", "\xff"])
def test_an_invalid_host_is_no_failure_of_the_application(erlen_web: Web, colour: Colour, host: str) -> None:
    app = _addressed(erlen_web, colour)
    for name in (*ADDRESSES, "plain", "slash"):
        # Werkzeug takes such a host for none at all, or, before 3.1.7, for what it says.
        assert _with_host(erlen_web, app, f"/{name}", host)[0] in (200, 308, 400)


@pytest.mark.parametrize("host", ["localhost", "xn--n3h.net", "a.test:8000", "[::1]", "[::1]:80"])
def test_addresses_are_flasks(web: Web, host: str) -> None:
    flask = Web("flask")
    plain = Colour("def")
    for name in ADDRESSES:
        expected = _with_host(flask, _addressed(flask, plain), f"/{name}", host)
        assert _with_host(web, _addressed(web, plain), f"/{name}", host) == expected


DEEP = [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000]


@pytest.mark.parametrize("body", DEEP, ids=["lists", "objects", "closed"])
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "text/plain"])
def test_json_that_is_nested_too_deep_is_a_bad_request(
    erlen_web: Web, colour: Colour, body: bytes, kind: str
) -> None:
    app = erlen_web.Flask("app")
    request = erlen_web.request
    app.add_url_rule("/", "view", colour(lambda: str(request.get_json(force=True))), methods=["POST"])
    app.add_url_rule("/twice", "twice", colour(lambda: _twice(request)), methods=["POST"])
    app.add_url_rule(
        "/silent", "silent", colour(lambda: repr(request.get_json(True, True))), methods=["POST"]
    )
    for _ in range(2):
        client = erlen_web.client(app)
        assert client.post("/", data=body, content_type=kind).status_code == 400
        assert client.post("/twice", data=body, content_type=kind).text == "400 400"
        assert client.post("/silent", data=body, content_type=kind).text == "None"


def _twice(request: t.Any) -> str:
    codes = []
    for _ in range(2):
        try:
            request.get_json(force=True)
        except Exception as error:
            codes.append(str(error.code))  # type: ignore[attr-defined]
    return " ".join(codes)


def test_json_that_is_nested_less_deep_is_read(web: Web) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "view", lambda: web.request.get_json(), methods=["POST"])
    assert web.client(app).post("/", json=[[[[{"a": [1]}]]]]).json == [[[[{"a": [1]}]]]]


CHARSETS = [
    "utf-8",
    "UTF8",
    "latin-1",
    "ISO-8859-1;q=0.5, utf-8;q=0.4",
    "*",
    "x",
    "x, utf_8",
    "cp1252",
    "",
    "ASCII",
    "UTF 8",
]


@pytest.mark.parametrize("header", CHARSETS)
def test_charsets_are_chosen_as_by_flask(web: Web, header: str) -> None:
    def chosen(web: Web) -> t.Any:
        app = web.Flask("app")

        @app.route("/")
        def view() -> t.Any:
            given = web.request.accept_charsets
            matches = [["utf-8", "iso-8859-1"], ["latin1"], ["x"], ["us-ascii", "windows-1252"]]
            return [repr(given), str(given), *map(given.best_match, matches), "utf8" in given]

        return web.wire(app, "/", headers=[("Accept-Charset", header)]).body

    assert chosen(web) == chosen(Web("flask"))
