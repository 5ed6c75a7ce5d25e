"""Nothing that users send is kept without bounds: every cache is found, and fed."""

from __future__ import annotations

import functools
import gc
import importlib
import io
import itertools
import sys
import tracemalloc
import typing as t
import warnings

import pytest
from werkzeug.routing import BuildError

import erlen
from erlen import Erlen, Response, send_file, session
from erlen.bounded import BoundedCache
from tests.architecture.layers import modules
from tests.gateway.asgi.driver import ask, http
from tests.serve.beside import Answer, call, environ

# So many texts of so many characters are sent, which makes 1.2 MB; and so much may be left of it: none of the
# texts is short enough to be kept, and something else may have been.
LENGTH, COUNT = 20_000, 60


MOST_KEPT = 300_000


class OwnCookiePath(erlen.sessions.SecureCookieSessionInterface):
    def get_cookie_path(self, app: t.Any) -> str:
        return "/" + erlen.request.environ["test.text"]


def application() -> Erlen:
    app = Erlen("growth", subdomain_matching=True)
    app.secret_key = "key"
    app.config.update(SERVER_NAME="test", MAX_COOKIE_SIZE=0)
    app.logger.disabled = True
    app.add_url_rule("/", "view", lambda: "x")
    app.add_url_rule("/path/<rest>", "path", lambda rest: rest[:1])
    app.add_url_rule("/deep/<path:rest>", "deep", lambda rest: rest[:1])

    app.add_url_rule("/address/<rest>", "address", lambda rest: erlen.request.url[:1])
    app.add_url_rule("/session", "session", lambda: session.update(a=1) or "x")
    app.add_url_rule("/json", "json", lambda: erlen.request.get_json(force=True), methods=["POST"])
    app.add_url_rule("/read", "read", _read_headers)

    async def coroutine() -> str:
        return "x"

    app.add_url_rule("/loop", "loop", coroutine)
    return app


def asked(app: Erlen, text: str, **given: t.Any) -> Answer:
    """Ask for the view, which finds the text in the environ."""
    return call(app, environ("/", base_url="http://test/") | {"test.text": text, **given})


def answering(make: t.Callable[[str], t.Any]) -> t.Callable[[Erlen, str], object]:
    """Return what lets a view answer with what *make* makes of a text."""

    def feed(app: Erlen, text: str) -> object:
        if app.view_functions["view"] is not view:
            app.view_functions["view"] = view
        return asked(app, text)

    def view() -> t.Any:
        return make(erlen.request.environ["test.text"])

    return feed


def sending(**given: str) -> t.Callable[[Erlen, str], object]:
    """Return what sends a text in some place of an environ."""

    def feed(app: Erlen, text: str) -> object:
        placed = {name: value.format(text) for name, value in given.items()}
        return call(app, environ("/", base_url="http://test/") | placed)

    return feed


def _by_asgi(app: Erlen, text: str) -> None:
    ask(app, http("/loop", "GET", (text, "1"), ("X-One", text), ("Cookie", f"session={text}")))


def _hosts_by_asgi(app: Erlen, text: str) -> None:
    ask(app, http("/loop", headers=[(b"host", _host(text).encode())]))


def _host(text: str) -> str:
    labels = [text[at : at + 50] for at in range(0, len(text), 50)]
    return ".".join((*labels, "test"))


def _session(app: Erlen, text: str) -> None:
    told = t.cast(Answer, answering(lambda text: session.update({text[:40]: text}) or "x")(app, text))
    cookie = dict(told.headers)["Set-Cookie"].partition(";")[0]
    asked(app, text, HTTP_COOKIE=cookie)


def _session_path(app: Erlen, text: str) -> None:
    if not isinstance(app.session_interface, OwnCookiePath):
        app.session_interface = OwnCookiePath()
    asked(app, text, PATH_INFO="/session")


def _link(app: Erlen, text: str) -> None:
    with app.test_request_context(), pytest.raises((BuildError, RecursionError)):
        erlen.url_for(f"{text}.page.b")


def _read_all(app: Erlen, text: str) -> None:
    names = (
        "HTTP_ACCEPT",
        "HTTP_ACCEPT_LANGUAGE",
        "HTTP_ACCEPT_ENCODING",
        "HTTP_ACCEPT_CHARSET",
        "HTTP_AUTHORIZATION",
        "CONTENT_TYPE",
    )
    asked(app, text, PATH_INFO="/read", **dict.fromkeys(names, f"a/{text[:1_000]};b={text[:8_000]}"))


def _read_headers() -> str:
    request = erlen.request
    request.accept_mimetypes.best_match(["text/html"])
    request.accept_charsets.best_match(["utf-8"])
    request.accept_languages.best_match(["en"])
    request.accept_encodings.best_match(["gzip"])
    return f"{request.mimetype_params}{request.authorization}{request.cache_control}"[:1]


def _json(app: Erlen, text: str) -> None:
    body = f'{{"{text}": "{text}"}}'.encode()
    given = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)), "REQUEST_METHOD": "POST"}
    asked(app, text, PATH_INFO="/json", **given)


FEEDERS: dict[str, t.Callable[[Erlen, str], object]] = {
    "download name": answering(lambda text: send_file(__file__, download_name=f"{text}.txt")),
    "attachment": answering(
        lambda text: send_file(
            __file__, download_name=f"{text}é.txt", as_attachment=True, mimetype="text/plain"
        )
    ),
    "mimetype": answering(lambda text: Response("x", mimetype=f"text/{text}")),
    "header name": answering(lambda text: ("x", {text: "1"})),
    "header value": answering(lambda text: ("x", {"X-One": text})),
    "status": answering(lambda text: ("x", f"200 {text}")),
    "status code": answering(lambda text: ("x", 200 + int(text[-6:]) % 700)),
    "cookie": answering(lambda text: _with_cookie(text)),
    "body": answering(lambda text: text),
    "JSON": _json,
    "error page": answering(lambda text: erlen.abort(404, text)),
    "redirect": answering(lambda text: erlen.redirect(f"/{text}")),
    "redirect elsewhere": answering(lambda text: erlen.redirect(f"http://test/{text}")),
    "address": sending(PATH_INFO="/address/{}", QUERY_STRING="{}"),
    "template string": answering(lambda text: erlen.render_template_string(f"{text} {{{{ 1 }}}} {text}")),
    "session": _session,
    "path of the session's cookie": _session_path,
    "endpoint of a link": _link,
    "path": sending(PATH_INFO="/path/{}"),
    "deep path": sending(PATH_INFO="/deep/{0}/{0}"),
    "unknown path": sending(PATH_INFO="/{0}/{0}"),
    "path with a slash": sending(PATH_INFO="/path/{0}/"),
    "query": sending(QUERY_STRING="{0}={0}"),
    "method": sending(REQUEST_METHOD="{}"),
    "headers": sending(HTTP_COOKIE="session={0}; {0}={0}", HTTP_REFERER="{}"),
    "unreadable headers": _read_all,
    "host": lambda app, text: call(app, environ("/") | {"HTTP_HOST": _host(text)}),
    "host by ASGI": _hosts_by_asgi,
    "headers by ASGI": _by_asgi,
}


def _with_cookie(text: str) -> Response:
    response = Response("x")
    response.set_cookie("a", text, path=f"/{text}")
    response.set_cookie(text, "b")
    return response


# Each takes half a second: all of them are slow together.
QUICK = ("cookie", "header name", "host by ASGI")


@pytest.mark.parametrize(
    "feeder", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in FEEDERS]
)
def test_what_users_send_is_not_kept(feeder: str) -> None:
    app, feed = application(), FEEDERS[feeder]
    numbers = itertools.count(100_000)

    def send(times: int) -> None:
        for _ in range(times):
            # Each is another one from its first letter to its last.
            number = str(next(numbers))
            feed(app, (number * (LENGTH // len(number) + 1))[:LENGTH].replace("0", "o") + number)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        send(5)
        gc.collect()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            send(COUNT)
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert after - before < MOST_KEPT


# the caches themselves


# Those that hold nothing that users send.
KEPT_FOR_APPLICATIONS = {
    "wrappers.files.always_accepts_ranges": "one answer",
    "testing._get_werkzeug_version": "one answer",
    "wrappers.files.date_of": "numbers",
    "wrappers.files._pairs_of_second": "numbers; 4",
    "wrappers.known_files.date_of": "numbers",
    "wrappers.cookies._date_of": "dates",
    "sessions.signing.stamp_of": "numbers",
    "sessions.straight.stamp_of": "numbers",
    "sessions.signing.signing_serializer": "keys of the configuration; 16",
    "deploy.backup.urlsplit": "addresses of databases in .env; a process of its own for each backup",
    "serve.steps_websocket.urlsplit": "origins; 128, none of them long",
    "testing.urlsplit": "addresses that tests ask for",
    "wrappers.cookies._around": "attributes of cookies; 64, none of them long",
    "wrappers.response._around_address": "nothing; one text",
    "wrappers.cookies._cookie_finder": "nothing; one expression",
    "wrappers.multipart._finders": "nothing; three expressions",
    "deploy.static_digest.negotiation._choose": "values of Accept-Encoding; 256, none of them long",
    "api.document.operations._path_of": "rules; 1,024",
    "templating.runtime._filling": "numbers of arguments in templates; 64",
    "templating.runtime.calls_of": "the same, with their names",
    "legacy.libraries.url_parts.urlsplit": "addresses that old extensions ask for; 128",
    **{f"legacy.check.{module}.table": "one table" for module in ("table", "survey", "replacements")},
}


def caches() -> dict[str, t.Any]:
    """Find the caches of all modules."""
    found = {}
    for name in sorted(set(modules()) - {"__main__", "as_flask"}):
        module = importlib.import_module(f"erlen.{name}" if name else "erlen")
        for attribute, value in vars(module).items():
            if isinstance(value, (BoundedCache, functools._lru_cache_wrapper)):
                found[f"{name}.{attribute}"] = value
    return found


BOUNDED = {name: cache for name, cache in caches().items() if isinstance(cache, BoundedCache)}


def test_each_cache_is_bounded_or_keeps_nothing_that_users_send() -> None:
    others = {name for name, cache in caches().items() if not isinstance(cache, BoundedCache)}
    without = {name for name in KEPT_FOR_APPLICATIONS if name.endswith(".urlsplit")}
    assert others == KEPT_FOR_APPLICATIONS.keys() - (without if sys.version_info < (3, 11) else ())
    assert len(BOUNDED) >= 7


def test_no_module_keeps_things_in_a_plain_dict() -> None:
    """What grows at module level is a BoundedCache; all else is written down once, or belongs to a loop."""
    allowed = {"concurrency.pool._pools", "serve.background._rooms", "channels.over_redis._links"}
    allowed |= {"channels.over_redis._clients", "late_module._executed_now", "alias._removals"}
    allowed |= {"legacy.notices._given"}  # names of Flask's
    allowed |= {"wrappers.urlencoded._escapes"}  # pairs of hexadecimal digits
    allowed |= {"wrappers.body._short_lengths"}  # lengths of at most three digits
    # The environment files of a process, and what was asked for to read them; the processes that send mail.
    allowed |= {"environment_files._files", "environment_files._loads", "deploy.logs.mailer._registered_in"}
    # What is known of the types in annotations, which a program has written down.
    allowed |= {"api.outgoing._adapters", "api.shapes._records", "api.quick_checks._doubts"}
    # Options for Python 3.14, empty before.
    allowed |= {"api.annotations._AS_TEXT", "api.annotations._EACH_BY_ITSELF"}
    empty = set()
    for name in modules():
        if name in ("__main__", "as_flask"):
            continue
        for attribute, value in vars(importlib.import_module(f"erlen.{name}" if name else "erlen")).items():
            is_container = isinstance(value, (dict, list, set)) and not isinstance(value, BoundedCache)
            if is_container and attribute.startswith("_") and not attribute.startswith("__") and not value:
                empty.add(f"{name}.{attribute}")
    assert empty <= allowed | {
        "plan.handlers._NONE",
        "serve.matching._NO_LEAVES",
        "serve.serving._kept_after_fork",
        "serve.serving._waiting_for_end",
    }


@pytest.mark.parametrize("cache", BOUNDED.values(), ids=BOUNDED.keys())
def test_a_bounded_cache_of_a_module_has_at_most_a_few_megabytes(
    cache: BoundedCache[t.Any, t.Any],
) -> None:
    assert cache.most * cache.longest <= 1_100_000
