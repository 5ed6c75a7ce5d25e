"""The table of the names that Werkzeug, Jinja, ItsDangerous and others removed since Flask 1.1's time.

Each with the last version that had it, with what it is today and with what to write instead. A name that only
moved is today's name in both; what nobody has any more is in this folder.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ..removed import Removed

_HERE = f"{__package__}."


class Old(t.NamedTuple):
    """A name that is gone, and where the layer takes it from."""

    record: Removed
    # Module and attribute, with a dot before the attribute; it is no an old name itself.
    place: str


def _moved(owner: str, last: str, **places: str) -> Iterator[Old]:
    """Yield the names of one module that live in other modules now: module, with dots as "__", to names."""
    for module, names in places.items():
        for name in names.split():
            place = f"{module.replace('__', '.')}.{name}"
            yield _old(f"{owner}.{name}", last, place, place)


def _ours(owner: str, last: str, home: str, **instead: str) -> Iterator[Old]:
    """Yield the names of one module that a module of this folder has: name to what to write instead."""
    for name, advice in instead.items():
        yield _old(f"{owner}.{name}", last, f"{_HERE}{home}.{name}", advice)


def _renamed(owner: str, last: str, **places: str) -> Iterator[Old]:
    """Yield the names of one module that have another name now: name to today's, in full."""
    for name, place in places.items():
        yield _old(f"{owner}.{name}", last, place, place)


def _old(name: str, last: str, place: str, instead: str) -> Old:
    return Old(Removed(name, last, instead, name.partition(".")[0]), place)


_PARSE = "urllib.parse."
_SERVER = "cachelib, a package of its own: cachelib."
_URL_PARTS = "urllib.parse.urlsplit, whose result has the same parts"
_JWS = "Authlib or PyJWT for JSON Web Signatures, itsdangerous.URLSafeTimedSerializer for tokens of your own"
_NO_MIXIN = "nothing: werkzeug.wrappers.Request and Response have it"
_NO_COMPATIBILITY = "Python 3's own name"

_URLS = {
    "url_quote": _PARSE + "quote",
    "url_quote_plus": _PARSE + "quote_plus",
    "url_unquote": _PARSE + "unquote",
    "url_unquote_plus": _PARSE + "unquote_plus",
    "url_encode": _PARSE + "urlencode",
    "url_encode_stream": _PARSE + "urlencode",
    "url_decode": _PARSE + "parse_qsl, in a werkzeug.datastructures.MultiDict",
    "url_decode_stream": _PARSE + "parse_qsl, in a werkzeug.datastructures.MultiDict",
    "url_fix": _PARSE + "quote for each part of the URL",
    "url_join": _PARSE + "urljoin",
    "url_parse": _PARSE + "urlsplit",
    "url_unparse": _PARSE + "urlunsplit",
    "URL": _URL_PARTS,
    "BytesURL": _URL_PARTS,
    "Href": _PARSE + "urljoin and urlencode",
}

_CACHES = {
    "BaseCache": _SERVER + "BaseCache",
    "NullCache": _SERVER + "NullCache",
    "SimpleCache": _SERVER + "SimpleCache",
    "FileSystemCache": _SERVER + "FileSystemCache",
    "MemcachedCache": _SERVER + "MemcachedCache",
    "GAEMemcachedCache": _SERVER + "MemcachedCache",
    "RedisCache": _SERVER + "RedisCache",
    "UWSGICache": _SERVER + "UWSGICache",
}

_MIXINS = (
    "AcceptMixin AuthorizationMixin CORSRequestMixin CORSResponseMixin CommonRequestDescriptorsMixin"
    " CommonResponseDescriptorsMixin ETagRequestMixin ETagResponseMixin JSONMixin PlainRequest"
    " ResponseStreamMixin StreamOnlyMixin UserAgentMixin WWWAuthenticateMixin"
)

# The modules of werkzeug.wrappers, and which names they were imported for.
_WRAPPERS = {
    "accept": "AcceptMixin",
    "auth": "AuthorizationMixin WWWAuthenticateMixin",
    "base_request": "BaseRequest",
    "base_response": "BaseResponse",
    "common_descriptors": "CommonRequestDescriptorsMixin CommonResponseDescriptorsMixin",
    "cors": "CORSRequestMixin CORSResponseMixin",
    "etag": "ETagRequestMixin ETagResponseMixin",
    "json": "JSONMixin",
    "request": "PlainRequest StreamOnlyMixin",
    "response": "ResponseStreamMixin",
    "user_agent": "UserAgentMixin",
}

_PYTHON_2 = (
    "PY2 BytesIO NativeStringIO StringIO fspath ifilter imap implements_bool implements_iterator"
    " implements_to_string int_to_byte integer_types iter_bytes iteritems iterkeys iterlists iterlistvalues"
    " itervalues izip number_types range_type reraise string_types text_type to_bytes to_native to_unicode"
    " unichr with_metaclass wsgi_decoding_dance wsgi_encoding_dance wsgi_get_bytes"
)
_ABSTRACT = (
    "Awaitable Coroutine AsyncIterable AsyncIterator AsyncGenerator Hashable Iterable Iterator Generator"
    " Reversible Sized Container Callable Collection Set MutableSet Mapping MutableMapping MappingView"
    " KeysView ItemsView"
    " ValuesView Sequence MutableSequence ByteString"
)


def _werkzeug_itself() -> Iterator[Old]:
    """Yield the names that Werkzeug had in its package, whichever of its modules was theirs."""
    yield from _moved(
        "werkzeug",
        "0.16",
        werkzeug__datastructures="Accept Authorization CallbackDict CharsetAccept CombinedMultiDict"
        " EnvironHeaders"
        " ETags FileMultiDict FileStorage Headers HeaderSet ImmutableDict ImmutableList ImmutableMultiDict"
        " ImmutableTypeConversionDict LanguageAccept MIMEAccept MultiDict"
        " RequestCacheControl ResponseCacheControl TypeConversionDict WWWAuthenticate",
        werkzeug__debug="DebuggedApplication",
        werkzeug__exceptions="abort Aborter",
        werkzeug__formparser="parse_form_data",
        werkzeug__http="HTTP_STATUS_CODES cookie_date dump_cookie dump_header dump_options_header"
        " generate_etag"
        " http_date is_entity_header is_hop_by_hop_header is_resource_modified parse_accept_header"
        " parse_authorization_header parse_cache_control_header parse_cookie parse_date parse_dict_header"
        " parse_etags parse_list_header parse_options_header parse_set_header parse_www_authenticate_header"
        " quote_etag quote_header_value remove_entity_headers remove_hop_by_hop_headers unquote_etag"
        " unquote_header_value",
        werkzeug__local="Local LocalManager LocalProxy LocalStack release_local",
        werkzeug__middleware__dispatcher="DispatcherMiddleware",
        werkzeug__middleware__shared_data="SharedDataMiddleware",
        werkzeug__security="check_password_hash generate_password_hash",
        werkzeug__test="create_environ EnvironBuilder run_wsgi_app",
        werkzeug__testapp="test_app",
        werkzeug__urls="Href iri_to_uri uri_to_iri url_decode url_encode url_fix url_quote url_quote_plus"
        " url_unquote url_unquote_plus",
        werkzeug__useragents="UserAgent",
        werkzeug__utils="append_slash_redirect cached_property environ_property find_modules"
        " format_string header_property import_string redirect secure_filename unescape",
        werkzeug__wrappers=f"BaseRequest BaseResponse {_MIXINS}",
        werkzeug__wsgi="ClosingIterator FileWrapper LimitedStream get_current_url get_host"
        " make_line_iter peek_path_info pop_path_info responder wrap_file",
    )
    yield from _ours("werkzeug", "0.16", "functions", escape="markupsafe.escape")
    ordered = "werkzeug.datastructures.MultiDict", "werkzeug.datastructures.ImmutableMultiDict"
    yield from _renamed("werkzeug", "0.16", OrderedMultiDict=ordered[0], ImmutableOrderedMultiDict=ordered[1])


def _werkzeug() -> Iterator[Old]:
    yield from _ours("werkzeug.urls", "2.3", "urls", **_URLS)
    yield from _ours(
        "werkzeug.security",
        "2.0",
        "functions",
        safe_str_cmp="hmac.compare_digest",
        pbkdf2_bin="hashlib.pbkdf2_hmac",
        pbkdf2_hex="hashlib.pbkdf2_hmac, and '.hex()'",
    )
    yield from _ours(
        "werkzeug.http",
        "2.3",
        "functions",
        cookie_date="werkzeug.http.http_date",
        parse_authorization_header="werkzeug.datastructures.Authorization.from_header",
        parse_www_authenticate_header="werkzeug.datastructures.WWWAuthenticate.from_header",
    )
    yield from _ours(
        "werkzeug.routing", "2.1", "functions", parse_rule="the attributes of werkzeug.routing.Rule"
    )
    yield from _moved(
        "werkzeug.routing",
        "2.1",
        werkzeug__exceptions="BadHost HTTPException MethodNotAllowed NotFound",
        werkzeug__routing__converters="DEFAULT_CONVERTERS NumberConverter",
    )
    yield from _ours("werkzeug.utils", "2.0", "functions", format_string="string.Template or an f-string")
    yield from _renamed("werkzeug.utils", "2.0", unescape="html.unescape")
    yield from _moved("werkzeug.utils", "0.16", werkzeug__http="dump_cookie parse_cookie")
    yield from _ours(
        "werkzeug.wsgi",
        "2.3",
        "functions",
        pop_path_info="the keys SCRIPT_NAME and PATH_INFO of the environ",
        peek_path_info="the key PATH_INFO of the environ",
        make_line_iter="the stream, which gives its lines",
        get_script_name="the key SCRIPT_NAME of the environ",
        get_query_string="the key QUERY_STRING of the environ",
    )


def _werkzeug_in_parts() -> Iterator[Old]:
    yield from _moved(
        "werkzeug.wsgi",
        "0.16",
        werkzeug__middleware__dispatcher="DispatcherMiddleware",
        werkzeug__middleware__shared_data="SharedDataMiddleware",
        werkzeug__middleware__http_proxy="ProxyMiddleware",
    )
    yield from _ours(
        "werkzeug.debug.tbtools",
        "2.0",
        "tracebacks",
        Frame="traceback.FrameSummary",
        Line="traceback.FrameSummary.line",
        Traceback="traceback.TracebackException",
        get_current_traceback="traceback.TracebackException",
    )


def _wrappers() -> Iterator[Old]:
    for owner, names in {"": f"BaseRequest BaseResponse {_MIXINS}", **_WRAPPERS}.items():
        module = f"werkzeug.wrappers.{owner}".rstrip(".")
        for name in names.split():
            today = {"BaseRequest": "werkzeug.wrappers.Request", "BaseResponse": "werkzeug.wrappers.Response"}
            if name in today:
                yield _old(f"{module}.{name}", "2.0", today[name], today[name])
            else:
                yield _old(f"{module}.{name}", "2.0", f"{_HERE}mixins.{name}", _NO_MIXIN)


def _removed_modules_of_werkzeug() -> Iterator[Old]:
    yield from _ours("werkzeug.contrib.cache", "0.16", "caches", **_CACHES)
    yield from _moved("werkzeug.contrib.fixers", "0.16", werkzeug__middleware__proxy_fix="ProxyFix")
    yield from _moved(
        "werkzeug.contrib.profiler", "0.16", werkzeug__middleware__profiler="ProfilerMiddleware"
    )
    yield from _moved("werkzeug.contrib.lint", "0.16", werkzeug__middleware__lint="LintMiddleware")
    yield from _renamed("werkzeug.posixemulation", "1.0", rename="os.replace")
    yield from _ours("werkzeug.posixemulation", "1.0", "functions", can_rename_open_file="os.name != 'nt'")
    yield from _renamed("werkzeug.filesystem", "2.2", get_filesystem_encoding="sys.getfilesystemencoding")
    yield from _renamed("werkzeug.useragents", "2.0", UserAgent="werkzeug.user_agent.UserAgent")


def _python_2() -> Iterator[Old]:
    for module in ("werkzeug._compat", "jinja2._compat", "itsdangerous._compat"):
        last = {"werkzeug": "1.0", "jinja2": "2.11", "itsdangerous": "1.1"}[module.partition(".")[0]]
        for name in _PYTHON_2.split():
            yield _old(f"{module}.{name}", last, f"{_HERE}python2.{name}", _NO_COMPATIBILITY)
    yield from _renamed("itsdangerous._compat", "1.1", constant_time_compare="hmac.compare_digest")


def _jinja() -> Iterator[Old]:
    passes = dict.fromkeys(("contextfunction", "contextfilter"), "jinja2.pass_context")
    passes |= dict.fromkeys(("environmentfunction", "environmentfilter"), "jinja2.pass_environment")
    passes |= dict.fromkeys(("evalcontextfunction", "evalcontextfilter"), "jinja2.pass_eval_context")
    markup = {"Markup": "markupsafe.Markup", "escape": "markupsafe.escape"}
    soft = {"soft_unicode": "markupsafe.soft_str"}
    for module in ("jinja2", "jinja2.utils"):
        yield from _renamed(module, "3.0", **markup)
    for module in ("jinja2", "jinja2.utils", "jinja2.filters", "jinja2.runtime", "jinja2.ext"):
        yield from _renamed(module, "3.0", **passes, **soft)
    yield from _renamed("markupsafe", "2.0", **soft)
    yield from _renamed("jinja2.filters", "2.11", unicode_urlencode="jinja2.utils.url_quote")
    yield from _renamed("jinja2.utils", "2.11", unicode_urlencode="jinja2.utils.url_quote")
    nothing = "nothing: the statement is built in"
    names = ("with_", "autoescape", "WithExtension", "AutoEscapeExtension")
    yield from _ours("jinja2.ext", "3.0", "jinja_extensions", **dict.fromkeys(names, nothing))


def _itsdangerous() -> Iterator[Old]:
    serializers = ("JSONWebSignatureSerializer", "TimedJSONWebSignatureSerializer")
    for module in ("itsdangerous", "itsdangerous.jws"):
        yield from _ours(module, "2.0", "jws", **dict.fromkeys(serializers, _JWS))
    yield _old("itsdangerous.json", "2.0", "json", "json")
    yield from _renamed("itsdangerous", "0.24", constant_time_compare="hmac.compare_digest")
    yield from _moved(
        "itsdangerous",
        "0.24",
        itsdangerous__encoding="bytes_to_int int_to_bytes",
    )


def _click() -> Iterator[Old]:
    yield from _renamed("click", "8.0", get_terminal_size="shutil.get_terminal_size")
    yield from _ours("click", "8.0", "functions", get_os_args="sys.argv[1:]")


def _python() -> Iterator[Old]:
    yield from _ours(
        "inspect", "3.10", "inspection", getargspec="inspect.getfullargspec or inspect.signature"
    )
    yield from _moved("collections", "3.9", collections__abc=_ABSTRACT)


OLD_MODULES = (
    "werkzeug._compat",
    "werkzeug.contrib",
    "werkzeug.contrib.cache",
    "werkzeug.contrib.fixers",
    "werkzeug.contrib.lint",
    "werkzeug.contrib.profiler",
    "werkzeug.filesystem",
    "werkzeug.posixemulation",
    "werkzeug.useragents",
    "werkzeug.wrappers.accept",
    "werkzeug.wrappers.auth",
    "werkzeug.wrappers.base_request",
    "werkzeug.wrappers.base_response",
    "werkzeug.wrappers.common_descriptors",
    "werkzeug.wrappers.cors",
    "werkzeug.wrappers.etag",
    "werkzeug.wrappers.json",
    "werkzeug.wrappers.user_agent",
    "jinja2._compat",
    "itsdangerous._compat",
    "itsdangerous.jws",
)
"""Modules that are gone as a whole."""


def _table() -> dict[str, Old]:
    """Return all names; one that only led to another old name is told what to write instead of that."""
    tables = (
        _werkzeug_itself,
        _werkzeug,
        _werkzeug_in_parts,
        _wrappers,
        _removed_modules_of_werkzeug,
        _python_2,
        _jinja,
        _itsdangerous,
        _click,
        _python,
    )
    names = {old.record.name: old for table in tables for old in table()}
    for name, old in names.items():
        while old.place in names:
            old = names[old.place]
        last, library = names[name].record.last, names[name].record.library
        names[name] = Old(Removed(name, last, old.record.instead, library), old.place)
    return names


OLD: dict[str, Old] = _table()
"""All names by their old name in full."""

REMOVED: tuple[Removed, ...] = tuple(old.record for old in OLD.values())
