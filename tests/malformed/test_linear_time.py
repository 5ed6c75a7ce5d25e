"""Every header of a request is read in time that is proportional to its length: counted, not measured."""

from __future__ import annotations

import sys
import typing as t

import pytest
import werkzeug._internal
import werkzeug.datastructures.accept
import werkzeug.http
import werkzeug.sansio.http
import werkzeug.sansio.utils
import werkzeug.utils

import erlen
import erlen.wrappers.cookies
import erlen.wrappers.safe
from erlen import Request
from tests.malformed.steps import Steps, count_steps
from tests.serve.beside import call, environ

MODULES = (
    werkzeug._internal,
    werkzeug.datastructures.accept,
    werkzeug.http,
    werkzeug.sansio.http,
    werkzeug.sansio.utils,
    werkzeug.utils,
    erlen.wrappers.cookies,
    erlen.wrappers.safe,
)
# What reads a header, and the header.
READERS: dict[str, tuple[str, t.Callable[[Request], object]]] = {
    "mimetypes": ("HTTP_ACCEPT", lambda r: r.accept_mimetypes.best_match(["text/html", "application/json"])),
    "accepts JSON": ("HTTP_ACCEPT", lambda r: (r.accept_mimetypes.accept_json, str(r.accept_mimetypes))),
    "charsets": ("HTTP_ACCEPT_CHARSET", lambda r: r.accept_charsets.best_match(["utf-8"])),
    "encodings": ("HTTP_ACCEPT_ENCODING", lambda r: r.accept_encodings.best_match(["gzip"])),
    "languages": ("HTTP_ACCEPT_LANGUAGE", lambda r: r.accept_languages.best_match(["de", "en"])),
    "cache control": ("HTTP_CACHE_CONTROL", lambda r: r.cache_control.max_age),
    "range": ("HTTP_RANGE", lambda r: r.range),
    "if-range": ("HTTP_IF_RANGE", lambda r: r.if_range),
    "if-match": ("HTTP_IF_MATCH", lambda r: r.if_match),
    "if-none-match": ("HTTP_IF_NONE_MATCH", lambda r: r.if_none_match),
    "if-modified-since": ("HTTP_IF_MODIFIED_SINCE", lambda r: r.if_modified_since),
    "if-unmodified-since": ("HTTP_IF_UNMODIFIED_SINCE", lambda r: r.if_unmodified_since),
    "date": ("HTTP_DATE", lambda r: r.date),
    "content type": ("CONTENT_TYPE", lambda r: (r.mimetype, r.mimetype_params, r.is_json)),
    "content length": ("CONTENT_LENGTH", lambda r: r.content_length),
    "transfer encoding": ("HTTP_TRANSFER_ENCODING", lambda r: r.content_length),
    "authorization": ("HTTP_AUTHORIZATION", lambda r: r.authorization),
    "cookies": ("HTTP_COOKIE", lambda r: r.cookies),
    "forwarded for": ("HTTP_X_FORWARDED_FOR", lambda r: r.access_route),
    "pragma": ("HTTP_PRAGMA", lambda r: r.pragma),
    "preflight": ("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", lambda r: r.access_control_request_headers),
    "user agent": ("HTTP_USER_AGENT", lambda r: r.user_agent.string),
    "host": ("HTTP_HOST", lambda r: r.host),
    "max forwards": ("HTTP_MAX_FORWARDS", lambda r: r.max_forwards),
}
# What a value begins with, is long of, and ends with: the shapes that are tried always, and further ones.
STARTS = ["", "a=", 'a/b;c="']
UNITS = ["\t", "a", ";", ",", '"', '\\"', "a=b;"]
ENDS = ["", " x y", '"']
FURTHER_STARTS = ['a="', "a/b;c=", 'W/"', "bytes=", "Basic ", 'Digest a="', "text/a;b*0*="]
FURTHER_UNITS = [
    " ",
    "=",
    "\\",
    "; ",
    "a=b,",
    "*",
    "/",
    "1-1,",
    "'",
    "%41",
    'W/"a",',
    "1",
    "-",
    ".",
    "(",
    ": ",
]
FURTHER_UNITS += [";a*0*=utf-8''x", "a ", '="']
SIZE = 24


def work_of(steps: Steps, reader: str, value: str) -> int:
    """Return the steps of expressions, and the calls, that reading a header takes."""
    name, read = READERS[reader]
    # A request's own environ: what does not belong to the header is the same for each.
    request = Request(environ() | {name: value})
    calls = 0

    def profile(frame: t.Any, event: str, given: t.Any) -> None:
        nonlocal calls
        counting = "malformed" in frame.f_code.co_filename
        calls += (event == "call" or event == "c_call") and not counting

    before = steps.count
    sys.setprofile(profile)
    try:
        read(request)
    except ValueError:
        pass  # what is no number
    finally:
        sys.setprofile(None)
    return steps.count - before + calls


def values(size: int, starts: list[str], units: list[str]) -> list[str]:
    return [start + unit * size + end for start in starts for unit in units for end in ENDS]


def assert_linear(reader: str, starts: list[str], units: list[str], patch: pytest.MonkeyPatch) -> None:
    steps = count_steps(patch, *MODULES)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        slow = {}
        for one, two in zip(values(SIZE, starts, units), values(2 * SIZE, starts, units), strict=True):
            once, twice = work_of(steps, reader, one), work_of(steps, reader, two)
            if twice > 2.4 * once:
                slow[two[:20]] = once, twice
    finally:
        sys.setrecursionlimit(limit)
    assert not slow


@pytest.mark.parametrize("reader", READERS)
def test_a_header_of_twice_the_length_takes_no_more_than_twice_the_work(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_linear(reader, STARTS, UNITS, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_a_header_of_any_shape_takes_no_more_than_twice_the_work(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_linear(reader, STARTS + FURTHER_STARTS, UNITS + FURTHER_UNITS, monkeypatch)


def test_the_count_sees_what_is_quadratic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Werkzeug's own expression for cookies."""
    steps = count_steps(monkeypatch, werkzeug.sansio.http)
    counts = []
    for size in (SIZE, 2 * SIZE):
        before = steps.count
        werkzeug.sansio.http.parse_cookie("a=" + " " * size + "x y")
        counts.append(steps.count - before)
    assert counts[1] > 3 * counts[0]


@pytest.mark.parametrize("path", ["/", "/session", "/static/nothing"])
def test_a_hostile_cookie_costs_a_request_no_more_than_its_length(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = count_steps(monkeypatch, *MODULES)
    app = erlen.Erlen("app")
    app.secret_key = "key"
    app.add_url_rule("/", "view", lambda: "x")
    app.add_url_rule("/session", "session", lambda: str(erlen.session.get("a")))
    counts = []
    for size in (SIZE, 2 * SIZE):
        before = steps.count
        call(app, environ(path) | {"HTTP_COOKIE": f"session={' ' * size}x y"})
        counts.append(steps.count - before)
    assert counts[1] <= 2.4 * counts[0]
