"""A page on Bootstrap's base template, with a quick form, and its static files."""

from flask import Flask, render_template_string
from flask_bootstrap import __version__

try:
    from flask_bootstrap import Bootstrap
except ImportError:
    from flask_bootstrap import Bootstrap5 as Bootstrap

app = Flask(__name__)
Bootstrap(app)


@app.get("/")
def index():
    return render_template_string("{{ bootstrap.load_css() if bootstrap else '' }}page")


def talk(client):
    client.note("version", __version__)
    client.get("/")
    client.get("/missing")
