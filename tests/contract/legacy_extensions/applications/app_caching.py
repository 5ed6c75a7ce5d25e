"""Flask-Caching 1.8: cached views by query string, memoized functions and methods, fragments, in memory and files."""

import tempfile

from flask import Flask, render_template_string, request
from flask_caching import Cache

from asking import Report

folder = tempfile.TemporaryDirectory()


def make_application(config):
    app = Flask(__name__)
    cache = Cache(config=config)
    cache.init_app(app)
    count = {"view": 0, "function": 0, "query": 0}

    class Shelf:
        def __init__(self, name):
            self.name = name

        def __repr__(self):
            return "Shelf(%s)" % self.name

        @cache.memoize(30)
        def books(self):
            count["function"] += 1
            return "%s %d" % (self.name, count["function"])

    @app.route("/view")
    @cache.cached(timeout=50, unless=lambda: "fresh" in request.args)
    def view():
        count["view"] += 1
        return "view %d" % count["view"]

    @app.route("/query")
    @cache.cached(timeout=50, query_string=True)
    def query():
        count["query"] += 1
        return "query %d" % count["query"]

    @app.route("/error")
    @cache.cached(response_filter=lambda response: response[1] == 200)
    def error():
        count["view"] += 1
        return "error %d" % count["view"], 418

    @cache.memoize(60)
    def add(left, right=1):
        count["function"] += 1
        return left + right

    @app.route("/add/<int:left>")
    def adding(left):
        return "%d %d" % (add(left), count["function"])

    @app.route("/shelf/<name>")
    def shelf(name):
        return Shelf(name).books()

    @app.route("/forget")
    def forget():
        cache.delete_memoized(add, 1)
        cache.delete_memoized(Shelf.books)
        cache.delete("view//view")
        return "forgotten"

    @app.route("/values")
    def values():
        cache.set("a", [1])
        cache.set_many({"b": 2})
        return "%s %s %s %s" % (
            cache.get("a"),
            cache.get_many("a", "b", "c"),
            cache.add("a", 5),
            cache.delete("b"),
        )

    @app.route("/fragment/<word>")
    def fragment(word):
        return render_template_string("{% cache 60, 'key' %}{{ word }}{% endcache %} {{ word }}", word=word)

    return app


for config in (
    {"CACHE_TYPE": "simple"},
    {"CACHE_TYPE": "filesystem", "CACHE_DIR": folder.name, "CACHE_DEFAULT_TIMEOUT": 60},
    {"CACHE_TYPE": "null", "CACHE_NO_NULL_WARNING": True},
):
    report = Report(make_application(config))
    for path in (
        "view",
        "view",
        "view?fresh",
        "query?a=1&b=2",
        "query?b=2&a=1",
        "query?a=2",
        "error",
        "error",
    ):
        report.get("/" + path)
    for path in (
        "add/1",
        "add/1",
        "add/2",
        "shelf/a",
        "shelf/a",
        "shelf/b",
        "forget",
        "view",
        "add/1",
        "add/2",
        "shelf/a",
    ):
        report.get("/" + path)
    for path in ("values", "fragment/one", "fragment/two"):
        report.get("/" + path)
    report.show()
