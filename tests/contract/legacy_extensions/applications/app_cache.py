"""Flask-Cache 0.13.1: cached views, functions and fragments, in memory and in files, forgotten by name."""

import tempfile

from flask import Flask, render_template_string, request
from flask_cache import Cache

from asking import Report

count = {"view": 0, "function": 0, "path": 0}
folder = tempfile.TemporaryDirectory()


def make_application(config):
    app = Flask(__name__)
    cache = Cache(app, config=config)
    count.update(view=0, function=0, path=0)

    @app.route("/view")
    @cache.cached(timeout=50)
    def view():
        count["view"] += 1
        return "view %d" % count["view"]

    @app.route("/path")
    @cache.cached(timeout=50, key_prefix=lambda: "mine/" + request.args.get("name", ""))
    def path():
        count["path"] += 1
        return "path %d" % count["path"]

    @cache.memoize(60)
    def add(left, right=1):
        count["function"] += 1
        return left + right

    @app.route("/add/<int:left>")
    def adding(left):
        return "%d %d" % (add(left), count["function"])

    @app.route("/forget")
    def forget():
        cache.delete_memoized(add, 1)
        cache.delete("view//view")
        return "forgotten"

    @app.route("/clear")
    def clear():
        cache.clear()
        return str(cache.get("anything"))

    @app.route("/values")
    def values():
        cache.set("a", {"b": [1, 2]})
        cache.set_many({"c": 1, "d": None})
        added = cache.add("a", 7)
        cache.delete_many("c")
        return "%s %s %s" % (cache.get("a"), cache.get_many("a", "c", "d"), bool(added))

    @app.route("/fragment/<word>")
    def fragment(word):
        return render_template_string("{% cache 60, 'key' %}{{ word }}{% endcache %} {{ word }}", word=word)

    return app


for config in (
    {"CACHE_TYPE": "simple", "CACHE_THRESHOLD": 20},
    {"CACHE_TYPE": "filesystem", "CACHE_DIR": folder.name},
    {"CACHE_TYPE": "null"},
):
    report = Report(make_application(config))
    for path in (
        "view",
        "view",
        "path?name=a",
        "path?name=b",
        "path?name=a",
        "add/1",
        "add/1",
        "add/2",
        "forget",
    ):
        report.get("/" + path)
    for path in ("view", "add/1", "add/2", "values", "fragment/one", "fragment/two", "clear", "view"):
        report.get("/" + path)
    report.show()
