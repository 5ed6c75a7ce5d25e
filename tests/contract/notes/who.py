from flask import Flask, request, url_for

app = Flask(__name__)


@app.route("/")
def index():
    return Flask.__module__


@app.route("/where")
def where():
    return f"{request.script_root} {request.path} {url_for('index')} {url_for('index', _external=True)}"
