"""Flask-Session 0.3.2: sessions in files, with a signed number in the cookie."""

import os
import tempfile

from flask import Flask, flash, get_flashed_messages, jsonify, session
from flask_session import Session

from asking import Report

app = Flask(__name__)
folder = tempfile.TemporaryDirectory()
app.config.update(
    SECRET_KEY="for the test",
    SESSION_TYPE="filesystem",
    SESSION_FILE_DIR=folder.name,
    SESSION_USE_SIGNER=True,
    SESSION_PERMANENT=False,
    SESSION_KEY_PREFIX="mine:",
)
Session(app)


@app.route("/")
def index():
    return jsonify(seen=session.get("seen", []), messages=get_flashed_messages())


@app.route("/see/<thing>")
def see(thing):
    session.setdefault("seen", []).append(thing)
    session.modified = True
    flash("seen " + thing)
    return type(session).__name__


@app.route("/clear")
def clear():
    session.clear()
    return "cleared"


report = Report(app)
report.get("/")
report.get("/see/moon")
report.get("/see/sun")
report.get("/")
report.note("files", len(os.listdir(folder.name)) > 0)
report.get("/clear")
report.get("/")
report.note("forged", app.test_client().get("/", environ_base={"HTTP_COOKIE": "session=forged"}).get_json())
report.show()
