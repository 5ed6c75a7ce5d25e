"""Its command takes the place of `shell`."""

from flask import Flask
from flask.cli import FlaskGroup

app = Flask(__name__)
group = FlaskGroup(create_app=lambda: app)


@app.get("/")
def index():
    return "plain"


def talk(client):
    client.get("/")
    result = app.test_cli_runner().invoke(group, args=["shell", "--help"])
    client.note("help", (result.exit_code, "ipython" in result.output.lower()))
