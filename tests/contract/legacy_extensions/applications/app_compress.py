"""Flask-Compress 1.4: what is compressed and what is not, by size, type, status, client; a cache of one's own."""

import gzip

from flask import Flask, Response, jsonify, redirect
from flask_compress import Compress

from asking import Report

app = Flask(__name__)
app.config.update(COMPRESS_MIN_SIZE=100, COMPRESS_LEVEL=9)
Compress(app)
ACCEPT = {"Accept-Encoding": "deflate, gzip"}
TEXT = "text " * 100


@app.route("/long")
def long():
    return TEXT


@app.route("/short")
def short():
    return "short"


@app.route("/json")
def as_json():
    return jsonify(text=TEXT)


@app.route("/picture")
def picture():
    return Response(TEXT, mimetype="image/png")


@app.route("/error")
def error():
    return TEXT, 404


@app.route("/stream")
def stream():
    return Response((word for word in ["a" * 200, "b"]), mimetype="text/plain")


@app.route("/already")
def already():
    return Response(TEXT, headers={"Content-Encoding": "other", "Vary": "Cookie"})


@app.route("/away")
def away():
    return redirect("/long")


cached = Flask("cached")
kept = {}


class Store:
    get = kept.get
    set = kept.__setitem__


cached.config.update(
    COMPRESS_CACHE_KEY=lambda response: response.get_data()[:5], COMPRESS_CACHE_BACKEND=lambda: Store
)
cached.add_url_rule("/", "index", lambda: TEXT * 2)
Compress(cached)

report = Report(app, headers=("Content-Encoding", "Vary"))
for path in ("/long", "/short", "/json", "/picture", "/error", "/stream", "/already", "/away", "/none"):
    for headers in ({}, ACCEPT):
        answer = report.get(path, headers=headers, body=False)
        if answer.headers.get("Content-Encoding") == "gzip":
            report.note("text", gzip.decompress(answer.get_data()).decode()[:20])
            report.note("length matches", answer.content_length == len(answer.get_data()))
client = cached.test_client()
report.note(
    "cached", [gzip.decompress(client.get("/", headers=ACCEPT).get_data()).decode() == TEXT * 2 for _ in "ab"]
)
report.note("keys", sorted(map(repr, kept)))
report.show()
