"""An application is frozen into files."""

from pathlib import Path

from flask import Flask, url_for
from flask_frozen import Freezer

app = Flask(__name__, static_folder=None)
app.config["FREEZER_DESTINATION"] = str(Path("build").resolve())
freezer = Freezer(app)


@app.get("/")
def index():
    return f"<a href={url_for('thing', number=1)}>one</a>"


@app.get("/things/<int:number>/")
def thing(number):
    return f"thing {number}"


@freezer.register_generator
def thing_numbers():
    yield "thing", {"number": 2}


def talk(client):
    client.get("/")
    client.note("addresses", sorted(freezer.freeze()))
    files = sorted(path for path in Path("build").rglob("*") if path.is_file())
    client.note("files", [(str(path), path.read_text()) for path in files])
