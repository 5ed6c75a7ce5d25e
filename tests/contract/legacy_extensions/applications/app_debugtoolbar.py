"""Flask-DebugToolbar 0.11: the bar in a page, its panels' pages, a caught redirect, a page without a body tag."""

import re

from flask import Flask, redirect, render_template_string, session
from flask_debugtoolbar import DebugToolbarExtension

from asking import Report

app = Flask(__name__)
app.debug = True
app.config.update(
    SECRET_KEY="for the test", DEBUG_TB_INTERCEPT_REDIRECTS=True, DEBUG_TB_PROFILER_ENABLED=False
)
toolbar = DebugToolbarExtension(app)


@app.route("/")
def index():
    session["seen"] = "yes"
    app.logger.warning("looked at")
    return render_template_string("<html><body><p>{{ name }}</p></body></html>", name="Ada")


@app.route("/bare")
def bare():
    return "no tag"


@app.route("/away")
def away():
    return redirect("/")


report = Report(app)
page = report.get("/", body=False).get_data(as_text=True)
report.note("bar", "flDebug" in page)
report.note("page", page.split("<body>")[1][:10])
report.note("panels", sorted(set(re.findall(r"flDebug\w+Panel", page))))
report.note("length matches", "Ada" in page and "looked at" in page)
report.get("/bare")
caught = report.get("/away", body=False)
report.note(
    "caught", "Location" not in caught.headers and "redirect" in caught.get_data(as_text=True).lower()
)
report.get("/_debug_toolbar/static/css/toolbar.css", body=False)
app.debug = False
report.get("/", body=False)
report.show()
