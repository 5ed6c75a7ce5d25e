from __future__ import annotations

from flask import Flask

if Flask.__module__ != "flask.app":
    raise RuntimeError("`flask` means another framework in this process. Is ERLEN_AS_FLASK set?")

app = Flask(__name__)


@app.get("/")
def hello():
    return "Hello, World!"
