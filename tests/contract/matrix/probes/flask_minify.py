"""Pages and scripts lose their spaces and comments."""

from flask import Flask
from flask_minify import Minify

app = Flask(__name__)
Minify(app=app, html=True, js=True, cssless=True)


@app.get("/")
def index():
    return "<html>\n  <body>\n   <!-- none -->  <p>  text  </p>\n <style> a { color : red }</style></body></html>"


@app.get("/script")
def script():
    return "var a   =  1;\n// comment\nvar b = 2;\n", {"Content-Type": "application/javascript"}


@app.get("/json")
def data():
    return {"a": "  b  "}


def talk(client):
    for path in ("/", "/script", "/json", "/missing"):
        client.get(path)
