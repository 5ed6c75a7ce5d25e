"""Requests as Hypothesis makes them: mostly near to what the application knows, some of them far off."""

from __future__ import annotations

import hashlib
import string
from typing import Any

from flask.json.tag import TaggedJSONSerializer
from hypothesis import strategies as st
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from .application import SERVER_NAME, errors, results, routing, state
from .clock import EPOCH


def _words(text: str) -> list[str]:
    return text.split()


WORDS = st.sampled_from(
    [
        *_words("""
            a x 7 07 -7 007 12 100 1.5 -1.5 1. static red bad abc index edit leaf more end pre-post
            prepost a+b + a-b-c 1.tar.gz größe %C3%A4 %ff %00 %2F %2f%2e % %zz a%20b . .. ;p a,b ~ \\
            preXpost page.txt data.json part.txt %F0%9F%8D%A6 ß İ 12345678-1234-5678-1234-567812345678
        """),
        "light blue",
        "",
        "9" * 25,
    ]
)
_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs",)), max_size=8)

_FIXED_PATHS = [
    *_words("""
        /echo /echo/a /headers /values /missing-key /form /form/key /files/key /json /json/force
        /json/silent /json/force+silent /json/again /data /text /stream-in/3 /limit/5 /limit/500 /unread
        /favicon.ico /static/page.txt /static/ /static/../hooks.py /static /send/page.txt /send/nowhere
        /send/../x.py /links /links/lang /methods/attributes /direct /direct/x /stream/plain
        /stream/plain?fail=0 /stream/plain?fail=2 /stream/context /stream/broken-close /abort/response /
        // /. * name/x /parts/ /parts /parts/page /parts/files/part.txt /parts/things/ /parts/things
        /parts/things/5 /parts/view/x /parts/inner/3/ /parts/inner/3 /parts/inner/3/deep/
        /parts/inner/x/ /parts/bare/ /bare-again/bare/ /bare/ /parts/nowhere http://elsewhere.test/
    """),
    "",
]
_CODES = [300, 304, 400, 401, 403, 404, 405, 410, 413, 416, 418, 428, 429, 500, 502, 503, 511, 999, 200, 0]


def _on_the_wire(text: str) -> str:
    """Give text as WSGI has it: bytes (here of UTF-8) as latin-1."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _of(template: str, *choices: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(list(choices)).map(template.format)


@st.composite
def _rule_paths(draw: st.DrawFn) -> str:
    """A path made from a rule: each variable becomes a word."""
    endpoint, rule, options = draw(st.sampled_from(routing.RULES))
    if "subdomain" in options and draw(st.booleans()):
        rule = f"/as-path/{endpoint}{rule}"
    while "<" in rule:
        head, _, rest = rule.partition("<")
        rule = head + draw(WORDS) + rest.partition(">")[2]
    return rule


@st.composite
def _damaged(draw: st.DrawFn, paths: st.SearchStrategy[str]) -> str:
    """A path with something put in, taken out or doubled."""
    path = draw(paths)
    place = draw(st.integers(0, len(path)))
    piece = draw(
        st.sampled_from(["/", "//", "/./", "/../", "%2F", "%", "ü", "?", "#", ";", " ", "\t", ".", "x"])
    )
    how = draw(st.sampled_from(["insert", "cut", "double", "end", "front", "upper"]))
    if how == "insert":
        return path[:place] + piece + path[place:]
    if how == "cut":
        return path[:place] + path[place + 1 :]
    if how == "double":
        return path.replace("/", "//", 2)
    if how == "upper":
        return path.upper()
    return path + piece if how == "end" else piece + path


RULE_PATHS = _rule_paths()
KNOWN_PATHS = st.one_of(
    RULE_PATHS,
    st.sampled_from(_FIXED_PATHS),
    _of("/result/{}", *results.RESULTS),
    _of("/async/{}", "text", "dict", "status", "none", "file-path", "template", "response-closing"),
    _of("/raise/{}", *errors.RAISED),
    _of("/raise-from/{}", "fault", "unhandled", "teapot"),
    _of("/parts/raise/{}", *errors.RAISED),
    _of("/parts/inner/2/raise/{}", *errors.RAISED),
    _of("/abort/{}", *_CODES),
    _of("/parts/abort/{}", *_CODES),
    _of("/parts/inner/2/abort/{}", *_CODES),
    _of("/state/set/{}", *state.VALUES),
    _of(
        "/state/{}", "untouched", "read", "peek", "append", "permanent/1", "pop", "clear", "vary", "then-fail"
    ),
    _of("/state/{}", "flash/hello", "flashed", "flashed?category=warning"),
)
ODD_PATHS = st.one_of(
    _damaged(KNOWN_PATHS),
    st.lists(WORDS, max_size=5).map("/".join),
    st.text(string.printable, max_size=20),
    _TEXT.map(lambda text: "/name/" + text),
)
PATHS = st.one_of(KNOWN_PATHS, KNOWN_PATHS, ODD_PATHS)

METHODS = st.one_of(
    st.sampled_from(["GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"]),
    st.sampled_from(["PURGE", "get", "Post", "", "CONNECT", "PROPFIND", "G ET", "ÄÖ", "X" * 300]),
)

HOSTS = st.one_of(
    st.sampled_from(
        [
            SERVER_NAME,
            *_words("""
                shop.test shop.test:80 api.shop.test:8080 ann.shop.test:8080 SHOP.test
                ann.eu.shop.test:8080 bare.shop.test:8080 api.shop.test static.test a.example.test
                example.test evil.test shop.test.evil.test 127.0.0.1:5000 [::1] [::1]:5000 [::1 [x] . ..
                a..b .shop.test shop.test. shop.test: shop.test:x shop.test:99999 shop.test:443 :80
                a:b:c a@b a/b größe.test xn--gre-6ka8i.test a_b.test -a.test shop.test,evil.test \\ %61
                ☃.test
            """),
            "",
            " ",
            "shop test",
            "shop.test\x00",
            "shop.test?x",
            "a" * 64 + ".test",
            "a" * 300,
        ]
    ),
    st.text(string.printable, max_size=12),
)

_SHARED_HOOKS = ("before", "after", "teardown", "preprocess", "context")
_BREAKABLE = [
    *(f"{kind}-{owner}" for kind in _SHARED_HOOKS for owner in ("app", "outer", "inner")),
    *_words("""
        before-second after-second after-this before-all after-all teardown-all teardown-appcontext
    """),
]


def _header(names: str, values: st.SearchStrategy[str] | list[str]) -> st.SearchStrategy[tuple[str, str]]:
    values = st.sampled_from(values) if isinstance(values, list) else values
    return st.tuples(st.sampled_from(names.split()), values)


_DATES = ["Wed, 01 May 2024 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT", "yesterday", "0"]
HEADERS = st.lists(
    st.one_of(
        _header("X-Break X-Answer", _BREAKABLE),
        _header("X-Break X-Answer", _BREAKABLE),
        _header("Accept Accept-Language Accept-Encoding", _TEXT | st.just("text/*;q=0.5, */*")),
        _header("Range", ["bytes=0-3", "bytes=-3", "bytes=5-", "bytes=99-", "bytes=a-b", "x"]),
        _header("If-Modified-Since If-Unmodified-Since If-Range", _DATES),
        _header("If-None-Match If-Match If-Range", ['"version-1"', "*", "W/x", "own"]),
        _header("Authorization", ["Basic YTpi", "Basic x", "Bearer t", "Digest a=b", ""]),
        _header("X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto", ["evil.test", "https"]),
        _header("Referer User-Agent Origin Cookie Max-Forwards X-Own", _TEXT),
        _header("Upgrade Connection X-Requested-With Transfer-Encoding", ["websocket", "chunked"]),
    ),
    max_size=3,
)

QUERIES = st.one_of(
    st.just(""),
    st.sampled_from(
        [
            *_words("""
                a=1 a=1&a=2&n=5 n=x a = && a=%ff a=%C3%A4 take=1 category=warning key=1 fail=1
                why=because plain=1 unmarked=1 a=1;b=2 +=+ % a=ÿ a[]=1
            """),
        ]
    ),
    st.text(string.printable, max_size=10),
)

_MULTIPART = """\
--B\r
Content-Disposition: form-data; name="key"\r
\r
value\r
--B\r
Content-Disposition: form-data; name="key"; filename="a.txt"\r
Content-Type: text/plain\r
\r
data\r
--B--\r
"""
_TYPED_BODIES = st.sampled_from(
    [
        ("application/x-www-form-urlencoded", "key=1&a=2&a=3"),
        ("application/x-www-form-urlencoded; charset=latin-1", "key=%E4"),
        ("application/x-www-form-urlencoded", "a=1&" * 30),
        ("application/x-www-form-urlencoded", "%ff=\xff&=&&key"),
        ("application/json", '{"a": [1, null, "\\u00fc"]}'),
        ("application/json", '{"a": 1'),
        ("application/json", ""),
        ("application/json", "NaN"),
        ("application/json; charset=utf-16", "\xff\xfe{\x00}\x00"),
        ("application/json", "\xff"),
        ("application/json", "[" * 2000),
        ("application/problem+json", '"text"'),
        ("text/json", "{}"),
        ("multipart/form-data; boundary=B", _MULTIPART),
        ("multipart/form-data; boundary=B", _MULTIPART * 2),
        ("multipart/form-data; boundary=B", _MULTIPART[:-9]),
        ("multipart/form-data; boundary=other", _MULTIPART),
        ("multipart/form-data", _MULTIPART),
        ("multipart/form-data; boundary=", "--\r\n\r\n----"),
        ("multipart/form-data; boundary=B", _MULTIPART.replace("form-data", "\x00")),
        ("multipart/form-data; boundary=B", "x" * 400),
        ("text/plain", "plain text ü"),
        ("", "typeless"),
        ("nonsense", "\x00\x01"),
        ("text/plain; charset=nonsense", "x"),
    ]
)
_LENGTHS = st.sampled_from(["0", "3", "100000", "-1", "x", "", " 5", "1e3", "9" * 30])


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    """A body with its headers: often right, sometimes cut short, mislabelled or with a wrong length."""
    kind, body = draw(_TYPED_BODIES)
    headers = [("Content-Type", kind)] if kind else []
    if draw(st.integers(0, 5)) == 0:
        body = body[: draw(st.integers(0, len(body)))]
    if draw(st.integers(0, 5)) == 0:
        headers.append(("Content-Length", draw(_LENGTHS)))
    return {"body": _on_the_wire(body), "headers": headers}


_PIECES = st.sampled_from(
    [
        *_words("""
            a b key = == & && ; + ++ %20 %C3%BC %c3%bc %ff %00 %0 % %% %zz %26 %3D %2B a%3Db ü ß ☃ \\ []
            [0] " ' , : / %F0%9F%8D%A6 %ED%A0%80 %E2%82 %u00fc 1 -1 1.5 nan
        """),
        *[" ", "\t", "\r\n", "\x00", "\xa0", "\x85", "\x7f", "", "x" * 60],
    ]
)
PAIRS = st.lists(_PIECES, max_size=12).map(lambda pieces: _on_the_wire("".join(pieces)))
"""Text that is nearly `name=value&…`, as a query, a form or a cookie may hold it."""


def reading(path: str, **parts: Any) -> dict[str, Any]:
    """Give the request that sends parts to a view which tells what it read."""
    return {"do": "request", "path": path, **parts}


@st.composite
def _forms(draw: st.DrawFn) -> dict[str, Any]:
    """A URL-encoded form, now and then with a wrong length."""
    kind = "application/x-www-form-urlencoded"
    kind += draw(st.sampled_from(["", "; charset=utf-8", "; charset=latin-1", ";x", " ; a=b"]))
    length = draw(st.sampled_from([None, None, None, "0", "3", "999", "-1", "x"]))
    path = draw(st.sampled_from(_words("/form /form/key /data /values /text /limit/5 /stream-in/3")))
    return reading(
        path,
        method=draw(st.sampled_from(["POST", "PUT", "DELETE", "GET"])),
        query="b=query",
        body=draw(PAIRS),
        headers=[("Content-Type", kind)] + ([("Content-Length", length)] if length else []),
    )


READING = st.one_of(
    PAIRS.map(lambda text: reading("/values", query=text)),
    PAIRS.map(lambda text: reading("/values", query=f"n=5&n=x&{text}&n=7")),
    PAIRS.map(lambda text: reading("/cookies/set", headers=[("Cookie", text)])),
    PAIRS.map(lambda text: reading("/cookies/set", headers=[("Cookie", f"a=1; {text}; b=2")])),
    PAIRS.map(lambda text: reading("/headers", headers=[("X-Own", text), ("X_Own", text)])),
    _forms(),
    _forms(),
)


def _signed(value: Any, key: str = "a key for tests", at: float = EPOCH) -> str:
    """A session cookie as Flask signs it."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(at)

    options = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    serializer = TaggedJSONSerializer()
    return URLSafeTimedSerializer(key, "cookie-session", serializer, {}, Signer, options).dumps(value)


_PERMANENT = {"_permanent": True, "value": "kept"}
_MONTH = 31 * 24 * 3600
_GOOD = _signed({"value": "v", "items": [0]})
COOKIES = st.sampled_from(
    [
        _GOOD,
        _signed({}),
        _signed(_PERMANENT),
        _signed(_PERMANENT, at=EPOCH - _MONTH + 10),
        _signed(_PERMANENT, at=EPOCH - _MONTH - 10),
        _signed({"value": "v"}, at=EPOCH + 100),
        _signed({"value": "v"}, key="older key"),
        _signed({"value": "v"}, key="unknown key"),
        _signed({"_flashes": [("message", "kept"), ("warning", "w")]}),
        _signed({"value": state.VALUES["tuple"], "u": state.VALUES["uuid"], "t": state.VALUES["time"]}),
        _signed(None),
        _GOOD[:-1],
        _GOOD[1:],
        _GOOD.replace(".", "", 1),
        _GOOD + "x",
        "",
        ".",
        "..",
        "nonsense",
        "ü",
        '"quoted',
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request as the step `request` takes it."""
    path, query = draw(PATHS), draw(QUERIES)
    if "?" in path and path.startswith("/"):
        path, _, query = path.partition("?")
    step: dict[str, Any] = {
        "do": "request",
        "method": draw(METHODS),
        "path": path,
        "query": _on_the_wire(query),
    }
    headers = list(draw(HEADERS))
    if draw(st.integers(0, 2)):
        headers.append(("Host", draw(HOSTS)))
    if draw(st.integers(0, 2)) == 0:
        name = draw(st.sampled_from(["session", "session", "box"]))
        headers.append(("Cookie", f"{name}={draw(COOKIES)}; other=1"))
    if draw(st.booleans()) and step["method"] not in ("GET", "HEAD"):
        sent = draw(bodies())
        step["body"] = sent["body"]
        headers += sent["headers"]
    if draw(st.integers(0, 9)) == 0:
        step["mount"] = draw(st.sampled_from(["/app", "/a b", _on_the_wire("/ü"), "/", "app"]))
    if draw(st.integers(0, 9)) == 0:
        step["scheme"] = draw(st.sampled_from(["https", "ws", "wss", "HTTP"]))
    step["headers"] = [(name, _on_the_wire(value)) for name, value in headers]
    return step
