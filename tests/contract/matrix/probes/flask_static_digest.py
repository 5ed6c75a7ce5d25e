"""Addresses of static files carry their digest when there is a manifest."""

from pathlib import Path

from flask import Flask, render_template_string
from flask.cli import FlaskGroup
from flask_static_digest import FlaskStaticDigest

HIDE = (r"\d+\.\d+-\d+-\d+", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")

Path("static").mkdir(exist_ok=True)
Path("static/a.css").write_text("a { color: red }\n")
Path("public").mkdir(exist_ok=True)

app = Flask(__name__, static_folder=str(Path("static").resolve()), static_url_path="/static")
cli = FlaskGroup(create_app=lambda: app)
digest = FlaskStaticDigest()
digest.init_app(app)


@app.get("/")
def index():
    return render_template_string("{{ static_url_for('static', filename='a.css') }}")


def talk(client):
    client.get(client.get("/").text)
    compiled = app.test_cli_runner().invoke(cli, args=["digest", "compile"])
    client.note("compile", (compiled.exit_code, sorted(path.suffix for path in Path("static").iterdir())))
