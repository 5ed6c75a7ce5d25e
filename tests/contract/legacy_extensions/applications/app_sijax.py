"""Flask-Sijax 0.4.1: callbacks by form posts, an object's methods, uploads, a stream of commands (comet).

Sijax ends the stream of a callback that is a generator by StopIteration, which Python 3.7 and later take for an error:
the callback of the stream here is a plain function.
"""

import json

import flask_sijax
from flask import Flask, g, render_template_string, request

from asking import Report

app = Flask(__name__)
app.config["SIJAX_JSON_URI"] = "/static/json2.js"
flask_sijax.Sijax(app)


class Handlers:
    @staticmethod
    def bye(response):
        response.remove("#greeting")


def hello(response, name):
    response.alert("Hello " + name)
    response.html("#path", request.path)


def count(response, to):
    for number in range(to):
        response.html("#count", number)
    response.html("#seen", request.form["sijax_rq"])


def upload(response, files, form_values):
    response.alert(files["picture"].filename + " " + form_values["text"])


@flask_sijax.route(app, "/")
def index():
    if g.sijax.is_sijax_request:
        g.sijax.register_callback("hello", hello)
        g.sijax.register_object(Handlers)
        return g.sijax.process_request()
    return render_template_string("<script>{{ g.sijax.get_js()|safe }}</script>")


@flask_sijax.route(app, "/comet")
def comet():
    g.sijax.register_comet_callback("count", count)
    return g.sijax.process_request() if g.sijax.is_sijax_request else "page"


@flask_sijax.route(app, "/upload")
def uploads():
    script = g.sijax.register_upload_callback("picture_form", upload)
    return g.sijax.process_request() if g.sijax.is_sijax_request else script


@app.teardown_request
def note_end(error):
    ended.append(request.path)


ended = []
report = Report(app)
report.get("/")
report.post("/", data={"sijax_rq": "hello", "sijax_args": json.dumps(["Ada"])})
report.post("/", data={"sijax_rq": "bye", "sijax_args": "[]"})
report.post("/", data={"sijax_rq": "unknown", "sijax_args": "[]"})
report.ask("PUT", "/")
report.post("/comet", data={"sijax_rq": "count", "sijax_args": "[2]"})
report.get("/upload")
report.note("ended", ended)
report.show()
