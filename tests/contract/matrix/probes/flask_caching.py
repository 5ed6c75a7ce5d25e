"""Views and functions are cached, by path, by query and by argument, and forgotten."""

from itertools import count

from flask import Flask, render_template_string
from flask_caching import Cache

app = Flask(__name__)
app.config.update(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=300)
cache = Cache(app)
calls = count(1)


@app.get("/cached")
@cache.cached()
def cached():
    return f"call {next(calls)}"


@app.get("/query")
@cache.cached(query_string=True)
def query():
    return f"call {next(calls)}"


@cache.memoize()
def double(number):
    return f"{number} doubled by call {next(calls)}"


@app.get("/double/<int:number>")
def doubled(number):
    return double(number)


@app.get("/forget")
def forget():
    cache.delete_memoized(double, 2)
    return "forgotten"


@app.get("/fragment")
def fragment():
    return render_template_string(
        "{% cache 60, 'part' %}{{ number() }}{% endcache %}", number=lambda: next(calls)
    )


def talk(client):
    for path in ("/cached", "/cached", "/query?a=1&b=2", "/query?b=2&a=1", "/query?a=2"):
        client.get(path)
    for path in ("/double/2", "/double/2", "/double/3", "/forget", "/double/2", "/fragment", "/fragment"):
        client.get(path)
