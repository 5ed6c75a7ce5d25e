"""The hostile table: what a client may send to do harm, and the right answer, as data.

`KINDS` go to the application in this process, by every protocol and to views of both colours. What a server
decides before an application hears of it is in `wire_table.py`.
"""

from __future__ import annotations

import base64
import hashlib
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from itsdangerous import TimestampSigner

from tests.depths import TOO_DEEP

from .callers import Answer, Sent
from .hostile import LIMIT, SECRET

Check: TypeAlias = Callable[[Answer], bool]


@dataclass(frozen=True)
class Kind:
    """A request, and what is right."""

    name: str
    status: tuple[int, ...]
    sent: Sent
    text: str | None = None
    """The whole text of the answer where it is a 200, and where it matters."""
    header: tuple[str, str | None] | None = None
    """A header and its value; None where it must be missing."""
    config: dict[str, Any] = field(default_factory=dict)
    wsgi: tuple[int, ...] | None = None
    """The statuses by WSGI, where a server cannot send the same to both."""


KINDS: list[Kind] = []
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


def kind(
    name: str,
    status: int | tuple[int, ...],
    target: str = "/",
    *,
    text: str | None = None,
    header: tuple[str, str | None] | None = None,
    config: dict[str, Any] | None = None,
    wsgi: int | None = None,
    **sent: Any,
) -> None:
    """Add a row; keywords left are those of Sent, with `headers` as a dict or as pairs."""
    headers = sent.pop("headers", ())
    pairs = tuple(headers.items() if isinstance(headers, dict) else headers)
    statuses = status if isinstance(status, tuple) else (status,)
    request = Sent(target, headers=pairs, **sent)
    KINDS.append(Kind(name, statuses, request, text, header, config or {}, None if wsgi is None else (wsgi,)))


def post(name: str, status: int | tuple[int, ...], target: str, type_: str, body: bytes, **more: Any) -> None:
    """Add a row with a body."""
    headers = {"Content-Type": type_, **more.pop("headers", {})}
    kind(name, status, target, method="POST", headers=headers, body=body, **more)


def part(name: str = 'name="a"', value: bytes = b"v", *more: str) -> bytes:
    lines = "\r\n".join((f"--b\r\nContent-Disposition: form-data; {name}", *more))
    return lines.encode("latin-1") + b"\r\n\r\n" + value + b"\r\n"


END = b"--b--\r\n"

# Paths
for name, path in {
    "dots": "/sent/../secret.txt",
    "escaped dots": "/sent/%2e%2e/secret.txt",
    "escaped slash": "/sent/..%2fsecret.txt",
    "escaped twice": "/sent/%252e%252e%252fsecret.txt",
    "backslash": "/sent/..%5csecret.txt",
    "overlong slash": "/sent/..%c0%afsecret.txt",
    "overlong dots": "/sent/%c0%ae%c0%ae/secret.txt",
    "NUL": "/sent/page.txt%00",
    "NUL before the end": "/sent/page%00.txt",
    "absolute": "/sent//etc/passwd",
    "a long name": "/sent/" + "a" * 5000,
    "a surrogate": "/sent/%ed%a0%80",
    "many dots": "/sent/" + "../" * 500 + "etc/passwd",
    "a device": "/sent/NUL/CON",
    "static dots": "/static/../secret.txt",
    "static escaped": "/static/%2e%2e%2fsecret.txt",
    "static NUL": "/static/%00",
}.items():
    # "//" is merged with a redirect, as Flask does.
    kind(f"path: {name}", 308 if name == "absolute" else 404, path)
kind("path: a NUL in a variable", 200, "/path/a%00b", text="'a\\x00b'")
kind("path: bytes that are no UTF-8", 200, "/path/%ff", text="'\\ufffd'")
kind("path: an encoded surrogate", 200, "/path/%ed%a0%80", text="'\\ufffd\\ufffd\\ufffd'")
kind("path: CR LF in a variable", 404, "/path/a%0d%0aX-A:%20b", header=("X-A", None))
kind("path: many segments", 200, "/path/" + "/".join("a" * 3000))
kind("path: many escapes", 200, "/path/" + "%41" * 5000, text=repr("A" * 5000))
kind("path: half an escape", 200, "/path/%4", text="'%4'")
kind("path: two slashes and a host", 404, "//evil.test/%2e%2e")
kind("path: two slashes before a folder", 308, "//folder", header=("Location", "http://localhost/folder/"))
kind("path: a slash is missing", 308, "/folder", header=("Location", "http://localhost/folder/"))
kind("path: a huge number", 200, "/int/" + "9" * 4000, text="9" * 4000)
kind("path: a number beyond what Python reads", 404, "/int/" + "9" * 5000)
kind("path: a number in other digits", 200, "/int/%D9%A3", text="3")
kind("path: a negative number", 404, "/int/-1")
kind("path: CR LF in a redirect", (404, 308), "/folder%0d%0aX-A:%20b", header=("X-A", None))
kind("path: a line of a log", 404, "/seg/x%0AERROR%20forged")

# Hosts
for name, host in {
    "empty label": "a..b",
    "label too long": "a" * 64 + ".test",
    "blank inside": "a b",
    "user": "user@evil.test",
    "path": "evil.test/x",
    "query": "evil.test?x",
    "open bracket": "[::1",
    "bracket and more": "[::1]evil",
    "NUL": "a\0b",
    "two ports": "a:80:80",
    "a port that is none": "a:x",
    "a port too large": "a:99999",
    "a negative port": "a:-1",
    "broken punycode": "xn--",
    "punycode of nothing": "xn--a-.test",
    "bytes": "\xff.test",
    "backslash": "a\\b",
    "tab": "a\tb",
    "quote": 'a"b',
    "angle": "a<b>",
    "comma": "a,b",
}.items():
    # What is no host is none for the application: Werkzeug hides it.
    is_refused = name in ("empty label", "label too long")
    hidden: str | None = "http://a:80/url" if name == "two ports" else "http:///url"
    if "punycode" in name:
        # Which of these Python's codec for international names refuses depends on its version.
        hidden = None
    kind(f"host: {name}", 400 if is_refused else (200, 400), "/url", host=host, text=hidden)
kind("host: none at all", 200, "/url", host=None, text="http://localhost/url", version="1.0")
kind("host: an address of IPv6", 200, "/host", host="[::1]:8000", text="[::1]:8000")
kind("host: international", 200, "/host", host="xn--bcher-kva.test", text="xn--bcher-kva.test")
kind("host: not on the list", 400, host="evil.test", config={"TRUSTED_HOSTS": ["good.test"]})
kind("host: a suffix of the list", 400, host="evilgood.test", config={"TRUSTED_HOSTS": [".good.test"]})
kind("host: below the list", 200, host="a.good.test", config={"TRUSTED_HOSTS": [".good.test"]})
kind("host: one with a dot behind", 400, host="good.test.evil.test", config={"TRUSTED_HOSTS": ["good.test"]})
kind("host: forwarded", 200, "/host", text="localhost", headers={"X-Forwarded-Host": "evil.test"})

# Queries
kind(
    "query: bytes that are no UTF-8",
    200,
    "/arguments?a=\xff&b=\xc3\x28",
    text='[["a","%FF"],["b","%C3("]]\n',
)
kind("query: escaped bytes that are no UTF-8", 200, "/arguments?a=%ff", text='[["a","%FF"]]\n')
kind(
    "query: NUL, CR, LF", 200, "/arguments?a=%00%0d%0a", text='[["a","\\u0000\\r\\n"]]\n', header=("a", None)
)
kind("query: many fields", 200, "/arguments?" + "a&" * 5000)
kind("query: half escapes", 200, "/arguments?%&%4=%zz", text='[["%",""],["%4","%zz"]]\n')
kind("query: no names", 200, "/arguments?=&&=;&=a", text='[["",""],["",";"],["","a"]]\n')
kind("query: the same name", 200, "/arguments?a=1&a=2", text='[["a","1"],["a","2"]]\n')
kind("query: deep names", 200, "/arguments?a" + "[b]" * 2000 + "=1")
kind("query: question marks", 200, "/arguments?" + "?" * 5000)
kind("query: a missing field", 400, "/link")
kind("query: all of it as URL", 200, "/url?\xff=%00", text=None)


# Cookies and sessions
def session_of(payload: bytes, stamp: int | None = None) -> str:
    """Return a session cookie that is signed well, whatever it holds."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() if stamp is None else stamp

    made = Signer("k", salt="cookie-session", key_derivation="hmac", digest_method=hashlib.sha1)
    return made.sign(payload).decode()


def packed(data: bytes) -> bytes:
    return b"." + base64.urlsafe_b64encode(zlib.compress(data, 9)).rstrip(b"=")


def plain(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


GOOD = session_of(plain(b'{"a":1}'))
for name, cookie in {
    "blanks": " " * 4000 + "x y",
    "a dot": ".",
    "no signature": plain(b'{"a":1}').decode(),
    "a foreign signature": session_of(plain(b'{"a":1}'))[:-3] + "AAA",
    "another key": TimestampSigner("other", salt="cookie-session").sign(plain(b'{"a":1}')).decode(),
    "very long": "A" * 50_000,
    "many dots": "." * 5000,
    "bytes": "\xff\xfe.\xff.\xff",
    "an octal escape": '"\\377\\000"',
    "a list": session_of(plain(b"[1]")),
    "null": session_of(plain(b"null")),
    "no JSON": session_of(plain(b"{")),
    "a bad tag": session_of(plain(b'{"a":{" u":"x"}}')),
    "a bad date": session_of(plain(b'{"a":{" d":"x"}}')),
    "bad base64": session_of(b"!!!"),
    "bad zlib": session_of(b"." + plain(b"no zlib")),
    "no UTF-8": session_of(plain(b'{"a":"\xff"}')),
    "a huge time": session_of(plain(b'{"a":1}'), 1 << 60),
    "a time in the future": session_of(plain(b'{"a":1}'), 1 << 40),
    "deep": session_of(packed(b'{"a":' + b"[" * TOO_DEEP + b"]" * TOO_DEEP + b"}")),
    "a bomb": session_of(packed(b'{"a":"' + b"A" * 20_000_000 + b'"}')),
}.items():
    text = '[["a",null]]\n' if name == "a bad date" else "[]\n"
    kind(f"session: {name}", 200, "/kept", headers={"Cookie": f"session={cookie}"}, text=text)
kind("session: good", 200, "/kept", headers={"Cookie": f"session={GOOD}"}, text='[["a",1]]\n')
kind(
    "session: twice, the first is bad",
    200,
    "/kept",
    headers=[("Cookie", "session=x"), ("Cookie", "session=y")],
    text="[]\n",
)
kind("cookies: nothing but separators", 200, "/cookies", headers={"Cookie": ";;=;,;= ;"}, text=None)
kind("cookies: many", 200, "/cookies", headers={"Cookie": "a=b;" * 5000})
kind("cookies: bytes", 200, "/cookies", headers={"Cookie": "a=\xff\xfe; \xff=b"})
kind("cookies: an open quote", 200, "/cookies", headers={"Cookie": 'a="' + "\\" * 999})
kind("cookies: octal escapes", 200, "/cookies", headers={"Cookie": 'a="\\012\\015\\000\\400"'})
kind("cookies: a value sent back", 200, "/cookie?value=a%0d%0aX-A:%20b;%20Domain=x", header=("X-A", None))

# Redirects, headers, links, templates
for name, (to, location) in {
    "NUL": ("/a%00b", "/a%00b"),
    "a foreign host": ("//evil.test", "//evil.test"),
    "a script": ("javascript:alert(1)", "javascript:alert(1)"),
    "markup": ("/%22%3E%3Cscript%3E", "/%22%3E%3Cscript%3E"),
}.items():
    kind(f"redirect: {name}", 302, f"/moved?to={to}", header=("Location", location))
# The view answers 400 where making the redirect raises ValueError.
kind("redirect: a line break", 400, "/moved?to=/a%0d%0aX-A:%20b", header=("X-A", None))
kind("redirect: broken brackets", 400, "/moved?to=http://[")
kind("redirect: a broken international host", (302, 400), "/moved?to=http://" + "%C3%A9" * 100 + "/")
kind("redirect: punycode of nothing", (302, 400), "/moved?to=http://xn--/")
for name, value, status in [
    ("a line break", "a%0d%0aX-A:%20b", 400),
    ("NUL", "a%00b", 400),
    ("CR alone", "a%0db", 400),
    ("LF alone", "a%0ab", 400),
    # An application that does not look at it: the server cannot send it.
    ("beyond Latin-1", "%E2%98%83", (200, 400, 500)),
]:
    kind(f"response header: {name}", status, f"/header?value={value}")
kind("link: dots and slashes", 200, "/link?rest=../../x", text="/path/../../x")
kind("link: a line break", 200, "/link?rest=a%0d%0ab", text="/path/a%0D%0Ab")
kind("link: markup", 200, "/link?rest=%3Cb%3E%22", text="/path/%3Cb%3E%22")
kind(
    "link: a host before it", 200, "/link?external&rest=//evil.test", text="http://localhost/path///evil.test"
)
kind("link: a query inside", 200, "/link?rest=a?b%23c", text="/path/a%3Fb%23c")
kind(
    "template: markup",
    200,
    "/template?value=%3Cscript%3E%27%22",
    text="<p title='&lt;script&gt;&#39;&#34;'>&lt;script&gt;&#39;&#34;</p>",
)
kind("template: an expression", 200, "/template?value={{7*7}}", text="<p title='{{7*7}}'>{{7*7}}</p>")
kind(
    "template: an object",
    200,
    "/template?value={{request.__class__}}",
    text="<p title='{{request.__class__}}'>{{request.__class__}}</p>",
)
for name, value in {
    "a line break": "a%0d%0aX-A:%20b",
    "quotes": "a%22;%20filename=%22evil",
    "NUL": "a%00b.txt",
    "a path": "../../etc/passwd",
    "another script": "%E2%98%83.txt",
    "very long": "a" * 5000,
}.items():
    # The view answers 400 where making the response raises ValueError.
    status = (200, 400) if name in ("a line break", "NUL") else 200
    kind(f"download name: {name}", status, f"/download?name={value}", header=("X-A", None))

# Forms
post("form: bytes that are no UTF-8", 200, "/form", FORM, b"a=\xff", text="[]\n")
post("form: many fields", 200, "/form", FORM, b"a&" * 40_000)
post("form: half escapes", 200, "/form", FORM, b"%&%4=%zz&a=%", text='[["%",""],["%4","%zz"],["a","%"]]\n')
post("form: NUL", 200, "/form", FORM, b"a%00=\0", text='[["a\\u0000","\\u0000"]]\n')
post("form: beyond the limit", 413, "/form", FORM, b"a" * (LIMIT + 1))
post("form: another charset", 200, "/form", FORM + "; charset=utf-16", b"a=1", text='[["a","1"]]\n')
post("form: a charset that is none", 200, "/form", FORM + "; charset=\0", b"a=1")
post("form: deep", 200, "/form", FORM, b"a" + b"[b]" * 20_000 + b"=1")

for target in ("/form", "/parts"):
    name = f"multipart {target[1:]}"
    post(f"{name}: good", 200, target, MULTIPART, part() + END, text=None)
    post(f"{name}: no boundary", 400, target, "multipart/form-data", part() + END)
    post(f"{name}: an empty boundary", 400, target, "multipart/form-data; boundary=", part() + END)
    post(
        f"{name}: a line break for a boundary",
        400,
        target,
        "multipart/form-data; boundary*=utf-8''a%0D%0A",
        part() + END,
    )
    post(f"{name}: bytes for a boundary", 400, target, 'multipart/form-data; boundary="\xff"', part() + END)
    post(f"{name}: no end", 400, target, MULTIPART, part())
    post(f"{name}: half an end", 400, target, MULTIPART, part() + b"--b-")
    post(f"{name}: nothing but the end", 200, target, MULTIPART, END, text="[]\n")
    post(f"{name}: no headers", 400, target, MULTIPART, b"--b\r\n\r\nv\r\n" + END)
    post(f"{name}: no name", 400, target, MULTIPART, part("x=y") + END)
    post(f"{name}: no disposition", 400, target, MULTIPART, b"--b\r\nA: b\r\n\r\nv\r\n" + END)
    post(f"{name}: a name that is no UTF-8", 400, target, MULTIPART, part('name="\xff"') + END)
    post(f"{name}: NUL in a name", 200, target, MULTIPART, part('name="a\0b"') + END)
    post(
        f"{name}: a path for a file name",
        200,
        target,
        MULTIPART,
        part('name="a"; filename="../../x"') + END,
        text='[["a","../../x",1]]\n',
    )
    post(
        f"{name}: a line break in a file name",
        200,
        target,
        MULTIPART,
        part("name=\"a\"; filename*=utf-8''a%0D%0Ab") + END,
        text='[["a","a\\r\\nb",1]]\n',
    )
    post(
        f"{name}: many parts",
        413,
        target,
        MULTIPART,
        part() * 1001 + END,
        config={"MAX_CONTENT_LENGTH": 1 << 20},
    )
    post(
        f"{name}: two parts, one allowed",
        413,
        target,
        MULTIPART,
        part() * 2 + END,
        config={"MAX_FORM_PARTS": 1},
    )
    post(
        f"{name}: a large field",
        413,
        target,
        MULTIPART,
        part("name=a", b"v" * 6000) + END,
        config={"MAX_FORM_MEMORY_SIZE": 5000},
    )
    post(f"{name}: beyond the limit", 413, target, MULTIPART, part("name=a; filename=b", b"v" * LIMIT) + END)
    post(f"{name}: headers without end", (400, 413), target, MULTIPART, b"--b\r\n" + b"A: b\r\n" * 10_000)
    post(f"{name}: a boundary in mid-line", 400, target, MULTIPART, b"x" + part() + END)
    post(f"{name}: a boundary among headers", 400, target, MULTIPART, b"--b\r\nA: b\r\n" + part() + END)
    post(
        f"{name}: blanks behind a boundary",
        200,
        target,
        MULTIPART,
        part().replace(b"--b", b"--b" + b" " * 100) + END,
    )
    post(
        f"{name}: endless blanks", 400, target, MULTIPART, part().replace(b"--b", b"--b" + b" " * 5000) + END
    )
    post(f"{name}: text behind a boundary", 400, target, MULTIPART, part().replace(b"--b", b"--bx") + END)
    post(
        f"{name}: base64 of another time",
        200,
        target,
        MULTIPART,
        part('name="a"', b"dg==", "Content-Transfer-Encoding: base64") + END,
    )
    post(
        f"{name}: a charset that is none",
        200,
        target,
        MULTIPART,
        part('name="a"', b"\xff", "Content-Type: text/plain; charset=zlib") + END,
    )
post("multipart form: another type", 200, "/form", "multipart/mixed; boundary=b", part() + END, text="[]\n")
post("multipart parts: another type", 415, "/parts", "multipart/mixed; boundary=b", part() + END)
kind(
    "multipart form: announced and not sent",
    200,
    "/form",
    method="POST",
    headers={"Content-Type": MULTIPART},
    text="[]\n",
)

# JSON
JSON = "application/json"
for name, body, status in [
    ("nothing", b"", 400),
    ("half an object", b'{"a":', 400),
    # Within the limit, Python 3.14 takes each depth.
    ("deep", b"[" * 45_000 + b"]" * 45_000, 400 if sys.version_info < (3, 14) else 200),
    ("deep objects", b'{"a":' * 15_000, 400),
    ("a huge number", b"9" * 5000, 400),
    ("an exponent", b"1e999999", 200),
    ("NaN", b"NaN", 200),
    ("the same name twice", b'{"a":1,"a":2}', 200),
    ("a byte order mark", b"\xef\xbb\xbf{}", (200, 400)),
    ("UTF-16", '{"a":1}'.encode("utf-16"), (200, 400)),
    ("no UTF-8", b'{"a":"\xff"}', 400),
    ("a lone surrogate", b'"\\ud800"', 200),
    ("NUL", b'"\0"', 400),
    ("trailing", b"{} {}", 400),
    ("beyond the limit", b"[" * (LIMIT + 1), 413),
]:
    post(f"json: {name}", status, "/as_json", JSON, body)
post("json: another type", 415, "/as_json", "text/plain", b"{}")
post("json: a type that only looks like it", 415, "/as_json", "application/jsonx", b"{}")
kind("json: no type", 415, "/as_json", method="POST", body=b"{}")

# Lengths
for name, text, by_asgi, by_wsgi in [
    ("negative", "-1", 400, 200),
    ("with a plus", "+3", 400, 200),
    ("with a blank", "3 3", 400, 200),
    ("hexadecimal", "0x3", 400, 200),
    ("other digits", "\xd9\xa3", 400, 200),
    ("an underscore", "1_0", 400, 200),
    ("a list", "3, 3", 400, 200),
    ("huge", "9" * 30, (400, 413), 413),
    # Werkzeug takes what int() does not for no length, and so for no body.
    ("very huge", "9" * 5000, (400, 413), 200),
    ("beyond the limit", str(LIMIT + 1), 413, 413),
    ("more than was sent", "10", 400, 400),
]:
    kind(f"length: {name}", by_asgi, "/data", method="POST", body=b"abc", length=text, wsgi=by_wsgi)
kind("length: less than was sent", (200, 400), "/data", method="POST", body=b"abc", length="2")
kind("length: none, and no body", 200, "/data", method="POST", text="0")
kind("length: of a GET", 200, "/data", body=b"abc", text="3")

# Ranges and conditions
for name, headers, status in [
    ("many ranges", {"Range": "bytes=" + "0-1," * 2000}, (200, 206, 416)),
    ("backwards", {"Range": "bytes=5-1"}, (200, 416)),
    ("beyond the end", {"Range": "bytes=999-"}, 416),
    ("huge", {"Range": "bytes=" + "9" * 5000 + "-"}, (200, 416)),
    ("negative", {"Range": "bytes=--5"}, (200, 416)),
    ("a suffix of nothing", {"Range": "bytes=-0"}, (200, 416)),
    ("a suffix beyond the beginning", {"Range": "bytes=-999"}, (200, 206, 416)),
    ("another unit", {"Range": "lines=0-1"}, (200, 416)),
    ("other digits", {"Range": "bytes=\xd9\xa3-"}, (200, 416)),
    ("no unit", {"Range": "0-1"}, (200, 416)),
    ("a condition that is no date", {"Range": "bytes=0-1", "If-Range": "\xff"}, 200),
    ("a date of no calendar", {"If-Modified-Since": "Mon, 99 Foo 99999 99:99:99 GMT"}, 200),
    ("a date before all", {"If-Modified-Since": "Mon, 01 Jan 0001 00:00:00 GMT"}, 200),
    ("a date far away", {"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 -9999"}, (200, 304)),
    ("an open tag", {"If-None-Match": 'W/"' + "a" * 5000}, 200),
    ("many tags", {"If-None-Match": '"a",' * 5000}, 200),
    ("any tag", {"If-None-Match": "*"}, (200, 304)),
    ("a tag to match", {"If-Match": '"x"'}, (200, 412)),
]:
    kind(f"condition: {name}", status, "/file", headers=headers)

# Other headers
for name, value in {
    "qualities": "a;q=nan, b;q=-1, c;q=9e999, d;q=\xff",
    "blanks": "a" + "\t" * 4000 + "x",
    "commas": "," * 9000,
    "many": "a/b;q=0.1," * 3000,
    "no slash": "*;q=1, /, */, /*",
    "an open quote": 'a/b;x="' + "\\" * 4000,
}.items():
    kind(f"accept: {name}", 200, "/best", headers={"Accept": value})
for name, value in {
    "nothing": "",
    "Basic without more": "Basic",
    "Basic of no base64": "Basic !!!",
    "Basic of bytes": "Basic " + base64.b64encode(b"\xff:\xff").decode(),
    "Basic without a colon": "Basic " + base64.b64encode(b"abc").decode(),
    "Digest of nothing": "Digest =,=,",
    "an open quote": 'Digest a="' + "\\" * 4000,
    "very long": "Bearer " + "a" * 50_000,
    "bytes": "\xff \xff",
}.items():
    kind(f"authorization: {name}", 200, "/everything", headers={"Authorization": value})
for name, value in {
    "parameters": "text/plain" + ";a=b" * 3000,
    "continuations": "text/plain" + "".join(f";a*{n}*=b" for n in range(2000)),
    "a number too long": "text/plain; a*" + "9" * 5000 + "=b",
    "a charset": "text/plain; charset*=nonsense''%ff",
    "nothing": ";;;=;",
    "bytes": "\xff/\xff",
}.items():
    kind(
        f"content type: {name}", 200, "/everything", method="POST", headers={"Content-Type": value}, body=b"x"
    )
kind("header: thousands", 200, "/everything", headers=[(f"X-{n}", "a") for n in range(3000)])
kind("header: the same one a thousand times", 200, "/everything", headers=[("X-A", "a")] * 1000)
kind("header: very large", 200, "/everything", headers={"X-A": "a" * 90_000})
kind(
    "header: an underscore for a hyphen",
    200,
    "/seen",
    headers={"X_Forwarded_For": "1.1.1.1"},
    text="[None, None, None]",
)
kind("header: bytes", 200, "/seen", headers={"X-A": "\xff\x80"})
kind(
    "header: cache directives",
    200,
    "/everything",
    headers={"Cache-Control": "max-age=x, a=" + "9" * 5000 + ',b="'},
)
kind("header: an address that is none", 200, "/everything", headers={"X-Forwarded-For": "," * 3000})
kind("header: languages", 200, "/everything", headers={"Accept-Language": "a-" * 3000 + ";q=1"})
kind("header: an agent", 200, "/everything", headers={"User-Agent": "(" * 9000})
kind("header: a referrer", 200, "/everything", headers={"Referer": "http://[", "Origin": "null"})

# Methods
for name, verb, status in [
    ("unknown", "FOO", 405),
    ("in small letters", "get", (200, 405)),
    ("very long", "A" * 9000, 405),
    ("TRACE", "TRACE", 405),
    ("CONNECT", "CONNECT", 405),
    ("odd", "G!#$%&'*+-.^_`|~", 405),
    ("of HTTP/2", "PRI", 405),
]:
    kind(f"method: {name}", status, "/method", method=verb)
kind(
    "method: written over",
    200,
    "/method",
    method="POST",
    headers={"X-HTTP-Method-Override": "DELETE"},
    text="POST",
)
kind("method: HEAD", 200, "/method", method="HEAD", text="")
kind("method: OPTIONS", 200, "/method", method="OPTIONS", text="")
kind("websocket: a plain GET", 426, "/ws")
kind("websocket: a POST", (405, 426), "/ws", method="POST")
kind("websocket: an upgrade to a view", 426, headers={"Upgrade": "websocket", "Connection": "upgrade"})

# Requests that grow with a number: steps must grow no faster.
GROWING: dict[str, Callable[[int], Sent]] = {
    "segments": lambda n: Sent("/path/" + "a/" * n + "a"),
    "dots": lambda n: Sent("/sent/" + "../" * n),
    "escapes in a path": lambda n: Sent("/path/" + "%41" * n),
    "slashes": lambda n: Sent("/" * n),
    "query fields": lambda n: Sent("/arguments?" + "a=b&" * n),
    "query escapes": lambda n: Sent("/arguments?a=" + "%ff%" * n),
    "cookies": lambda n: Sent("/cookies", headers=(("Cookie", "a=b; " * n),)),
    "cookie quotes": lambda n: Sent("/cookies", headers=(("Cookie", 'a="' + "\\012" * n + '"'),)),
    "session dots": lambda n: Sent("/kept", headers=(("Cookie", "session=" + "." * n),)),
    "headers": lambda n: Sent("/everything", headers=tuple((f"X-{i}", "a") for i in range(600 + n))),
    "one header": lambda n: Sent("/everything", headers=(("X-A", "a"),) * n),
    "accept": lambda n: Sent("/best", headers=(("Accept", "a/b;q=0.5," * n),)),
    "languages": lambda n: Sent("/everything", headers=(("Accept-Language", "a-b;q=0.5," * n),)),
    "tags": lambda n: Sent("/file", headers=(("If-None-Match", '"a",' * n),)),
    "ranges": lambda n: Sent("/file", headers=(("Range", "bytes=" + "0-1," * n),)),
    "cache directives": lambda n: Sent("/everything", headers=(("Cache-Control", "a=b," * n),)),
    "parameters": lambda n: Sent("/everything", headers=(("Content-Type", "a/b" + ";c=d" * n),)),
    "continuations": lambda n: Sent(
        "/everything", headers=(("Content-Type", "a/b" + "".join(f";c*{i}=d" for i in range(n))),)
    ),
    "forwarded": lambda n: Sent("/everything", headers=(("X-Forwarded-For", "1.1.1.1," * n),)),
    "digest": lambda n: Sent("/everything", headers=(("Authorization", "Digest " + 'a="b",' * n),)),
    "form fields": lambda n: _grown("/form", FORM, b"a=b&" * n),
    "form escapes": lambda n: _grown("/form", FORM, b"a=" + b"%ff%" * n),
    "json": lambda n: _grown("/as_json", JSON, b"[" + b"[1]," * n + b"1]"),
    "json escapes": lambda n: _grown("/as_json", JSON, b'"' + b"\\u2603" * n + b'"'),
    **{
        f"{what} of {target[1:]}": lambda n, make=make, target=target: _grown(target, MULTIPART, make(n))
        for target in ("/form", "/parts")
        for what, make in {
            "parts": lambda n: part() * n + END,
            "part headers": lambda n: part("name=a", b"v", *["A: b"] * n) + END,
            "almost boundaries": lambda n: part("name=a", b"\r\n--b-" * n) + END,
            "boundaries in mid-line": lambda n: part("name=a; filename=b", b"x--b\r\n" * n) + END,
            "line breaks": lambda n: part("name=a", b"\r\n" * n) + END,
            "disposition": lambda n: part("name=a" + "; b=c" * n) + END,
            "preamble": lambda n: b"\r\n" * n + part() + END,
            "an epilogue": lambda n: part() + END + part() * n,
        }.items()
    },
    "link": lambda n: Sent("/link?rest=" + "%C3%A9" * n),
    "template": lambda n: Sent("/template?value=" + "%3C" * n),
    "download name": lambda n: Sent("/download?name=" + "%E2%98%83" * n),
}


def _grown(target: str, type_: str, body: bytes) -> Sent:
    return Sent(target, "POST", (("Content-Type", type_),), body)


# What no answer may have.
FORBIDDEN = (SECRET, "root:x:")
