"""Flask-Mobility 0.1.1: what a request's browser is, views and templates chosen by it, the cookie."""

from flask import Flask, render_template_string, request
from flask_mobility import Mobility
from flask_mobility.decorators import mobile_template, mobilized

from asking import Report

app = Flask(__name__)
Mobility(app)
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 13_0 like Mac OS X)"}


def view():
    return "wide"


@app.route("/view")
@mobilized(view)
def view():
    return "narrow"


@app.route("/template")
@mobile_template("notes/{mobile/}page.html")
def template(template):
    return template


@app.route("/")
def index():
    return render_template_string("{{ request.MOBILE }} ") + str(request.MOBILE)


@app.route("/set/<value>")
def set_cookie(value):
    response = app.make_response("set")
    response.set_cookie("mobile", value)
    return response


report = Report(app)
for headers in ({}, PHONE):
    for path in ("/", "/view", "/template"):
        report.get(path, headers=headers)
report.get("/set/on")
report.get("/")
report.get("/set/off")
report.get("/view", headers=PHONE)
report.show()
