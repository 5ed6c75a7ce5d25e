"""Flask-Mako 0.4: templates by file, by string and one def of them; filters, context, errors with Mako's lines."""

import tempfile
from pathlib import Path

from flask import Flask, g, template_rendered
from flask_mako import (
    MakoTemplates,
    TemplateError,
    render_template,
    render_template_def,
    render_template_string,
)

from asking import Report

folder = tempfile.TemporaryDirectory()
Path(folder.name, "base.html").write_text("<html>${self.body()}</html>")
Path(folder.name, "page.html").write_text(
    "<%inherit file='base.html'/>Hello ${name | h}, ${g.colour}, ${url_for('index')}, ${request.path}, ${extra}\n"
    "<%def name='part(word)'>part ${word}</%def>${part('one')}"
)
Path(folder.name, "broken.html").write_text("fine\n${1 / 0}\n")

app = Flask(__name__, template_folder=folder.name)
app.config["MAKO_DEFAULT_FILTERS"] = ["str"]
mako = MakoTemplates(app)
rendered = []
template_rendered.connect(
    lambda app, template, context: rendered.append(sorted(set(context) & {"name"})), app, weak=False
)


@app.context_processor
def more():
    return {"extra": "from the processor"}


@app.before_request
def colour():
    g.colour = "red"


@app.route("/")
def index():
    return render_template("page.html", name="<Ada>")


@app.route("/string")
def string():
    return render_template_string("${', '.join(names)} on ${request.method}", names=["Ada", "Bob"])


@app.route("/def")
def one_def():
    return render_template_def("page.html", "part", word="alone")


@app.route("/broken")
def broken():
    try:
        return render_template("broken.html")
    except TemplateError as error:
        return "%s, line %d" % (str(error).replace(folder.name, ""), error.lineno)


report = Report(app)
for path in ("/", "/string", "/def", "/broken"):
    report.get(path)
report.note("signals", rendered)
report.show()
