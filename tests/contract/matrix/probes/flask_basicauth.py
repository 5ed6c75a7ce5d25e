"""One view, or the whole application, asks for a name and a password."""

from flask import Flask
from flask_basicauth import BasicAuth

app = Flask(__name__)
app.config.update(BASIC_AUTH_USERNAME="ada", BASIC_AUTH_PASSWORD="right")
basic = BasicAuth(app)


@app.get("/")
@basic.required
def index():
    return "in"


def talk(client):
    client.get("/")
    client.get("/", auth=("ada", "right"))
    client.get("/", auth=("ada", "wrong"))
