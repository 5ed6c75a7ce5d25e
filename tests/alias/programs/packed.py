"""An application for PyInstaller: with ALIAS in its environment it is on Erlen, else on the real Flask."""

from __future__ import annotations

import os
import sys

if os.environ.get("ALIAS"):
    import erlen.as_flask  # noqa: F401

from flask import Flask, jsonify, render_template_string, session, views

app = Flask(__name__)
app.secret_key = "of the tests"


@app.get("/<name>")
def hello(name: str):
    session["name"] = name
    return jsonify(name=name, text=render_template_string("Hello, {{ session.name }}!"))


@app.cli.command()
def who():
    print(app.name)


app.add_url_rule("/view", view_func=views.View.as_view("view"))
print(app.test_client().get("/Ada").json, app.test_cli_runner().invoke(args=["who"]).output.strip())
names = sorted(name for name in sys.modules if name.partition(".")[0] == "flask")
print(len(names) > 20, hasattr(sys, "frozen"))
print("framework:", type(app.json).__module__.partition(".")[0])
if os.environ.get("ALIAS"):
    print("by ASGI:", app.test_client(protocol="asgi").get("/Ada").json)
    print("modules:", {sys.modules[name].__name__.partition(".")[0] for name in names})
