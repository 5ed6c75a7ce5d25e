"""Names that Werkzeug 0.16 was the last to have: in its package, and its caches, beside that release."""

import os
import tempfile

from flask import Flask
from werkzeug import (
    BaseRequest,
    BaseResponse,
    CallbackDict,
    EnvironBuilder,
    FileStorage,
    Headers,
    Href,
    ImmutableDict,
    LocalProxy,
    MultiDict,
    Response,
    SharedDataMiddleware,
    abort,
    cached_property,
    check_password_hash,
    create_environ,
    escape,
    find_modules,
    generate_password_hash,
    http_date,
    import_string,
    parse_cookie,
    redirect,
    secure_filename,
    test_app,
    url_decode,
    url_encode,
    url_quote,
    url_unquote,
)
from werkzeug.contrib.cache import BaseCache, FileSystemCache, MemcachedCache, NullCache, SimpleCache
from werkzeug.contrib.fixers import ProxyFix
from werkzeug.contrib.profiler import ProfilerMiddleware
from werkzeug.wsgi import DispatcherMiddleware

from asking import Report


class Counting:
    calls = 0

    @cached_property
    def value(self):
        self.calls += 1
        return self.calls


def fails(function, *args):
    try:
        function(*args)
    except Exception as error:
        return type(error).__name__


report = Report(Flask(__name__))
counting = Counting()
report.note("cached", [counting.value, counting.value])
report.note("import", [import_string("os.path:join") is os.path.join, fails(import_string, "no.such")])
report.note("names", [secure_filename("../my file.txt"), escape('<a "b">'), escape(None), escape(1)])
report.note(
    "url",
    [
        url_quote("a b/"),
        url_unquote("%41"),
        url_encode({"a": "b c"}),
        url_decode("a=1")["a"],
        Href("/x")("y"),
    ],
)
report.note(
    "data", [Headers([("a", "b")]).to_wsgi_list(), MultiDict({"a": 1}).to_dict(), dict(ImmutableDict(a=1))]
)
report.note("file", [FileStorage(filename="x.txt").filename, fails(abort, 404), parse_cookie("a=b")["a"]])
report.note("proxy", LocalProxy(lambda: "object") + "!")
report.note("password", check_password_hash(generate_password_hash("x", "pbkdf2:sha256:1000"), "x"))
report.note("date", http_date(0))
report.note("redirect", redirect("/there").status_code)
report.note("environ", create_environ("/p?q=1")["QUERY_STRING"])
report.note("request", BaseRequest(EnvironBuilder("/y").get_environ()).path)
report.note("response", [isinstance(Response("x"), BaseResponse), BaseResponse("y").get_data()])
report.note("modules", "json.decoder" in list(find_modules("json")))
report.note(
    "callables",
    [
        callable(one)
        for one in (SharedDataMiddleware, DispatcherMiddleware, ProxyFix, ProfilerMiddleware, test_app)
    ],
)
changed = []
CallbackDict({"a": 1}, changed.append)["b"] = 2
report.note("changed", [len(changed)])

folder = tempfile.TemporaryDirectory()
for cache in (SimpleCache(threshold=5), FileSystemCache(folder.name, threshold=5), NullCache()):
    name = type(cache).__name__
    report.note(name, [cache.set("a", {"b": (1,)}), cache.get("a"), cache.get("none"), cache.has("a")])
    report.note(name + " add", [cache.add("a", 1), cache.add("new", 2), cache.get("new")])
    report.note(
        name + " many",
        [bool(cache.set_many({"x": 1, "y": 2})), cache.get_many("x", "y", "z"), cache.get_dict("x", "z")],
    )
    report.note(name + " pairs", [bool(cache.set_many([("p", 1)])), cache.get("p")])
    report.note(name + " count", [cache.inc("n"), cache.inc("n", 4), cache.dec("n", 2), cache.dec("m")])
    report.note(
        name + " delete", [bool(cache.delete("a")), cache.get("a"), bool(cache.delete_many("x", "y"))]
    )
    report.note(name + " expired", [cache.set("old", 1, timeout=-1), cache.get("old"), cache.has("old")])
    for number in range(20):
        cache.set("k%d" % number, number)
    report.note(name + " last", cache.get("k19"))
    cache.clear()
    report.note(name + " cleared", [cache.get("k19"), isinstance(cache, BaseCache), cache.default_timeout])
report.note("memcached", issubclass(MemcachedCache, object))
report.note("files", sorted(name for name in os.listdir(folder.name) if "wz" in name))
report.show()
