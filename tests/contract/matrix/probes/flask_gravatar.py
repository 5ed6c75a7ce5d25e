"""A filter that gives the address of somebody's picture."""

from flask import Flask, render_template_string
from flask_gravatar import Gravatar

app = Flask(__name__)
Gravatar(app, size=40)


@app.get("/")
def index():
    return render_template_string("{{ 'ada@example.org'|gravatar }}")


def talk(client):
    client.get("/")
