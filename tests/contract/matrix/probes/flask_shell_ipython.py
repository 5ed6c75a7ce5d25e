"""Its command replaces `shell`."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return "plain"


def talk(client):
    client.get("/")
    result = app.test_cli_runner().invoke(args=["shell", "--help"])
    client.note("help", result.exit_code)
