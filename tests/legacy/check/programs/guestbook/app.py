# A guestbook as one wrote it for Flask 1.1; all of it can be rewritten.
import collections
import inspect

import flask
import jinja2
import werkzeug
from flask import (
    Flask,
    Markup,  # what is safe already  # old: flask.Markup [fix]
    escape,  # old: flask.escape [fix]
    jsonify,  # answers
    request,
)
from jinja2 import contextfilter  # old: jinja2.contextfilter [fix]
from werkzeug.urls import url_parse, url_unquote  # old: werkzeug.urls.url_parse [fix], werkzeug.urls.url_unquote [fix]

app = Flask(__name__)
app.config["JSON_SORT_KEYS"] = False  # newest first  # old: flask.Flask.config[JSON_SORT_KEYS] [fix]
app.config["JSON_AS_ASCII"] = False  # old: flask.Flask.config[JSON_AS_ASCII] [fix]
app.config["JSONIFY_PRETTYPRINT_REGULAR"] = False  # old: flask.Flask.config[JSONIFY_PRETTYPRINT_REGULAR] [fix]

ENTRIES = [("Grüße", "<b>hello</b>")]


class Book(collections.Mapping):  # old: collections.Mapping [fix]
    def __getitem__(self, name):
        return dict(ENTRIES)[name]

    def __iter__(self):
        return iter(dict(ENTRIES))

    def __len__(self):
        return len(ENTRIES)


@app.template_filter()
@contextfilter
def shout(context, text):
    return text.upper()


@app.template_global()
@jinja2.contextfunction  # old: jinja2.contextfunction [fix]
def who(context):
    return context["name"]


@app.route("/")
def index():
    name, text = ENTRIES[0]
    return Markup("<p>%s</p>") % text + flask.escape(name)  # old: flask.escape [fix]


@app.route("/json")
def as_json():
    return jsonify(z=1, a=dict(Book()), text=escape("<") + flask.Markup("&amp;"))  # old: flask.Markup [fix]


@app.route("/page")
def page():
    return flask.render_template_string("{{ who()|shout }}", name="ada")


@app.route("/arguments")
def arguments():
    return ", ".join(inspect.getargspec(shout).args)  # old: inspect.getargspec [fix]


@app.route("/cookie")
def cookie():
    return app.session_cookie_name  # old: flask.Flask.session_cookie_name [fix]


@app.route("/next")
def follow():
    target = request.args.get("next", "http://example.com/a%20b")
    return url_parse(target).netloc + url_unquote("%C3%BC")


@app.route("/name")
def name():
    return werkzeug.secure_filename("../a b.txt")  # old: werkzeug.secure_filename [fix]
