"""Flask-Autodoc 0.1.2: a page that documents the routes, groups, what it knows of each route."""

from flask import Flask, jsonify
from flask.ext.autodoc import Autodoc

from asking import Report

app = Flask(__name__)
auto = Autodoc(app)


@app.route("/posts")
@auto.doc(groups=["posts", "public"])
def posts():
    """Returns all posts.

    In the order of their dates."""
    return "posts"


@app.route("/post/<int:number>", methods=["GET", "POST"], defaults={"page": 1})
@auto.doc("public")
def post(number, page):
    """Returns one post."""
    return str(number)


@app.route("/admin")
@auto.doc()
def admin():
    return "admin"


@app.route("/doc")
@app.route("/doc/<group>")
def doc(group="all"):
    return auto.html(group, title="The API")


@app.route("/raw")
def raw():
    return jsonify(
        [
            [
                entry["rule"],
                sorted(entry["methods"]),
                entry["endpoint"],
                entry["docstring"],
                entry["defaults"],
            ]
            for entry in auto.generate("public")
        ]
    )


# The order of methods and of arguments is that of a set.
report = Report(app, hide=(r"(?s)<ul class=\"methods\">.*?</ul>", r"\[?'?(HEAD|OPTIONS|GET|POST)'?,?\s*\]?"))
report.get("/doc")
report.get("/doc/public")
report.get("/raw")
report.show()
