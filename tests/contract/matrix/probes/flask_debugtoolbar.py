"""The toolbar is put into pages, and its panels are served."""

import re

from flask import Flask, redirect
from flask_debugtoolbar import DebugToolbarExtension

app = Flask(__name__)
app.secret_key = "probe"
app.debug = True
DebugToolbarExtension(app)


@app.get("/")
def index():
    return "<html><body>page</body></html>"


@app.get("/go")
def go():
    return redirect("/")


@app.get("/json")
def data():
    return {"a": 1}


def talk(client):
    page = client.client.get("/").text
    client.note("toolbar", ("flDebug" in page, len(re.findall(r'<li class="flDebugPanel', page))))
    client.get("/json")
    client.note("redirect", client.client.get("/go").status)
    client.note("style", client.client.get("/_debug_toolbar/static/css/toolbar.css").status)
