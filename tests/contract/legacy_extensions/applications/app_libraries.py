"""Names that libraries removed: what each gives for many arguments, beside the libraries of Flask 1.1's time."""

import io

from flask import Flask
from itsdangerous import JSONWebSignatureSerializer, TimedJSONWebSignatureSerializer, URLSafeSerializer
from itsdangerous._compat import constant_time_compare, izip, number_types, text_type
from jinja2 import (
    Environment,
    Markup,
    contextfilter,
    contextfunction,
    environmentfilter,
    environmentfunction,
    escape,
    evalcontextfilter,
    evalcontextfunction,
)
from jinja2._compat import iteritems, string_types, with_metaclass
from jinja2.ext import autoescape, with_
from jinja2.utils import soft_unicode
from werkzeug._compat import to_bytes, to_native, to_unicode, wsgi_decoding_dance, wsgi_encoding_dance
from werkzeug.datastructures import MultiDict
from werkzeug.filesystem import get_filesystem_encoding
from werkzeug.http import cookie_date, parse_authorization_header, parse_www_authenticate_header
from werkzeug.posixemulation import rename
from werkzeug.routing import NotFound, parse_rule
from werkzeug.security import pbkdf2_hex, safe_str_cmp
from werkzeug.test import EnvironBuilder
from werkzeug.urls import (
    Href,
    url_decode,
    url_decode_stream,
    url_encode,
    url_encode_stream,
    url_fix,
    url_join,
    url_parse,
    url_quote,
    url_quote_plus,
    url_unparse,
    url_unquote,
    url_unquote_plus,
)
from werkzeug.useragents import UserAgent
from werkzeug.utils import format_string, unescape
from werkzeug.wrappers import BaseRequest, BaseResponse, ETagResponseMixin, Response
from werkzeug.wrappers.base_response import BaseResponse as SameResponse
from werkzeug.wsgi import get_query_string, get_script_name, make_line_iter, peek_path_info, pop_path_info

from asking import Report

TEXTS = ["plain", "a b+c", "/path:80/?q=1&r=ä#x", "100%", "%zz%41%e4", "~-._!$'()*,;=@", "", "ä€𝄞"]
ADDRESSES = [
    "http://user:p%40ss@example.com:8080/a/b;c?d=e&f#g",
    "//host/path",
    "/only/path?x",
    "mailto:ada@example.com",
    "http://[::1]:5000/",
    "http://example.com:port/",
    "",
    "http://bücher.example/ä",
    "?only=query",
    "HTTP://EXAMPLE.com",
]
RULES = ["/", "/a/<b>", "/<int:n>/x<path:p>", "/<any(a, 'b c'):word>/", "/<string(length=2):lang>", "/<a"]
BASES = [
    ("http://a/b/c/d;p?q", "../g"),
    ("http://a/b/c", "/x"),
    ("http://a/b", "//other/x"),
    ("http://a/b", "?y"),
    ("http://a/b/", ""),
]


def attempt(function, *args, **kwargs):
    """Return what a call gives, or the exception's class."""
    try:
        value = function(*args, **kwargs)
        return repr(list(value) if type(value).__name__ == "generator" else value)
    except Exception as error:
        return type(error).__name__


report = Report(Flask(__name__))
for text in TEXTS:
    for function in (url_quote, url_quote_plus, url_unquote, url_unquote_plus, url_fix, url_decode):
        report.note(function.__name__ + " " + text, attempt(function, text))
    report.note("bytes " + text, [attempt(url_quote, text.encode()), attempt(url_unquote, text.encode())])
    report.note(
        "latin " + text, attempt(url_quote, text, charset="latin-1", errors="replace", safe="", unsafe="~")
    )
    report.note(
        "unsafe " + text, [attempt(url_unquote, text, unsafe="A"), attempt(url_unquote, text, charset=None)]
    )
for data in (
    {"a": "b c", "d": ["1", 2], "e": None},
    [("z", "ä&="), ("a", b"\xff")],
    MultiDict([("k", "1"), ("k", "2")]),
    {},
):
    report.note(
        "encode %r" % (data,),
        [attempt(url_encode, data), attempt(url_encode, data, sort=True, separator=";")],
    )
    report.note("stream %r" % (data,), attempt(url_encode_stream, data))
for query in ("a=1&b=2&a=3", "a&b=&=c&&d", "a=%C3%A4+x;b", b"k=v&k", "a=%E4"):
    report.note("decode %r" % (query,), attempt(url_decode, query))
    report.note(
        "more %r" % (query,), attempt(url_decode, query, include_empty=False, separator=";", cls=list)
    )
report.note("decode stream", attempt(url_decode_stream, io.BytesIO(b"a=1&b=%20&c=3")))
for address in ADDRESSES:
    url = url_parse(address)
    parts = ["host", "ascii_host", "port", "auth", "username", "password", "raw_username", "raw_password"]
    report.note("parts " + address, [tuple(url), [attempt(getattr, url, part) for part in parts]])
    report.note(
        "made " + address, [attempt(url.to_url), attempt(url_unparse, url), attempt(url.decode_query)]
    )
    report.note("replaced " + address, attempt(url.replace(path="/new", fragment="").to_url))
    report.note("bytes " + address, attempt(lambda address=address: tuple(url_parse(address.encode()))))
for base, link in BASES:
    report.note("join %s %s" % (base, link), attempt(url_join, base, link))
href = Href("/app")
report.note(
    "href", [href(), href("a", "b c"), href("x", q=1, from_=2), href.sub("y"), href("z", {"k": "v w"})]
)

for rule in RULES:
    report.note("rule " + rule, attempt(parse_rule, rule))
report.note(
    "equal", [safe_str_cmp("a", "a"), safe_str_cmp("a", "b"), safe_str_cmp(b"a", "a"), safe_str_cmp("ä", "ä")]
)
report.note(
    "pbkdf2", [pbkdf2_hex("secret", "salt", 10), pbkdf2_hex(b"s", b"t", 5, keylen=8, hashfunc="sha1")]
)
report.note("dates", [cookie_date(0), cookie_date(86400.5)])
for header in (
    "Basic YWRhOm5vdGVz",
    "Basic !!",
    "Bearer token",
    'Digest username="a", nonce="n", uri="/"',
    "",
    None,
):
    found = parse_authorization_header(header)
    report.note(
        "authorization %s" % header,
        found and [found.type, found.username, found.password, found.get("nonce")],
    )
challenge = parse_www_authenticate_header('Digest realm="here", nonce="n", qop="auth"')
report.note("challenge", [challenge.type, challenge.realm, challenge.nonce])
report.note("format", [format_string("$a ${b}", {"a": 1, "b": "two"}), unescape("&lt;&auml;&#65;")])
environ = {"SCRIPT_NAME": "/app", "PATH_INFO": "/a//b/", "QUERY_STRING": "x=\xc3\xa4&y=%20"}
popped = [get_script_name(environ), get_query_string(environ), peek_path_info(environ)]
for _ in range(5):
    popped.append([pop_path_info(environ), environ["SCRIPT_NAME"], environ["PATH_INFO"]])
report.note("path", [*popped, peek_path_info(environ)])
lines = b"one\ntwo\r\n\nlast"
report.note("lines", [attempt(make_line_iter, io.BytesIO(lines), limit) for limit in (14, 6, 0)])
report.note("capped", attempt(make_line_iter, io.BytesIO(b"abcdefgh\nij"), 11, 4, True))
report.note("pieces", attempt(make_line_iter, [b"on", b"e\ntw", b"o"], 9))
report.note("agent", UserAgent.__name__)
report.note("files", [callable(rename), get_filesystem_encoding().lower()])
report.note("not found", NotFound.code)


class Own(BaseResponse, ETagResponseMixin):
    default_mimetype = "text/plain"


own = Own("text")
own.add_etag()
base = BaseRequest(EnvironBuilder("/x?a=1").get_environ())
report.note("wrappers", [own.status, "ETag" in own.headers, own.get_data(), base.args["a"], base.path])
report.note(
    "classes",
    [isinstance(Response(), BaseResponse), SameResponse is BaseResponse, issubclass(Own, BaseResponse)],
)


@contextfunction
def of_context(context, word):
    return context["name"] + word


@contextfilter
def in_context(context, value):
    return value + context["name"]


@environmentfunction
def of_environment(environment):
    return environment.block_start_string


@environmentfilter
def in_environment(environment, value):
    return value + environment.variable_end_string


@evalcontextfunction
def of_eval(eval_context):
    return str(eval_context.autoescape)


@evalcontextfilter
def in_eval(eval_context, value):
    return value + str(eval_context.autoescape)


environment = Environment(
    autoescape=True, extensions=["jinja2.ext.with_", autoescape, with_, "jinja2.ext.autoescape"]
)
environment.globals.update(of_context=of_context, of_environment=of_environment, of_eval=of_eval)
environment.filters.update(in_context=in_context, in_environment=in_environment, in_eval=in_eval)
template = environment.from_string(
    "{% with x = 1 %}{{ x }}{% endwith %}{{ of_context('!') }} {{ 'a'|in_context }} {{ of_environment() }}"
    "{{ 'b'|in_environment }} {{ of_eval() }} {{ 'c'|in_eval }}"
    "{% autoescape false %}{{ of_eval() }}{{ '<' }}{% endautoescape %}{{ '<' }}"
)
report.note("template", template.render(name="ada"))
report.note("markup", [Markup("<b>") + "<", str(escape("<'\">")), soft_unicode(Markup("<"))])


class Meta(type):
    pass


class Made(with_metaclass(Meta, dict)):
    pass


report.note(
    "python 2",
    [type(Made).__name__, Made.__mro__[1].__name__, list(iteritems({"a": 1})), string_types == (str,)],
)
report.note("types", [text_type is str, isinstance(1.5, number_types), list(izip("ab", "cd"))])
report.note(
    "bytes",
    [
        to_bytes("ä"),
        to_bytes(None),
        to_native(b"x"),
        to_unicode(b"\xc3\xa4"),
        to_unicode(b"a", None, allow_none_charset=True),
    ],
)
report.note("wsgi", [wsgi_decoding_dance("\xc3\xa4"), wsgi_encoding_dance("ä")])
report.note("constant", [constant_time_compare("a", "a"), constant_time_compare(b"a", b"b")])

TOKEN = "eyJhbGciOiJIUzUxMiJ9.eyJ4Ijo0Mn0.ntqdL0vzwO4aO9SCZ2NAnNdcEXuCLUNFZCO8oC6KXYZBwqoCXBPzfe2UCGbAGQKPoEhlaNxRhjRTvgr1RKrzhA"
signer = JSONWebSignatureSerializer("secret")
report.note("token", signer.dumps({"x": 42}).decode())
report.note(
    "salted",
    JSONWebSignatureSerializer("secret", salt="s", algorithm_name="HS256")
    .dumps([1], header_fields={"k": 1})
    .decode(),
)
report.note(
    "loads", [signer.loads(signer.dumps({"x": 42})), signer.loads(signer.dumps("ä"), return_header=True)]
)
for name, value in (
    ("other key", JSONWebSignatureSerializer("x").dumps(1)),
    ("short", b"abc"),
    ("empty", b""),
    ("dots", b"a.b.c"),
    ("token", TOKEN.encode()),
):
    report.note("refused " + name, [attempt(signer.loads, value), attempt(signer.loads_unsafe, value)])
report.note(
    "algorithm", attempt(signer.loads, JSONWebSignatureSerializer("secret", algorithm_name="HS256").dumps(1))
)
report.note("unknown", attempt(JSONWebSignatureSerializer, "secret", algorithm_name="RS1"))


class Then(TimedJSONWebSignatureSerializer):
    def now(self):
        return 1000


class Later(TimedJSONWebSignatureSerializer):
    def now(self):
        return 9000


value = Then("secret", expires_in=60).dumps({"id": 1})
report.note(
    "timed", [value.decode(), Then("secret").loads(value), Then("secret").loads(value, return_header=True)]
)
report.note("expired", attempt(Later("secret").loads, value))
report.note("untimed", attempt(Then("secret").loads, signer.dumps(1)))
report.note("still there", URLSafeSerializer("secret").loads(URLSafeSerializer("secret").dumps([1])))
report.show()
