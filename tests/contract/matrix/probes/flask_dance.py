"""A blueprint for GitHub sends the browser to log in, and tells who is not."""

from flask import Flask
from flask_dance.contrib.github import github, make_github_blueprint

HIDE = (r"state=[\w-]+", r"session=[^;]+")

app = Flask(__name__)
app.secret_key = "probe"
app.register_blueprint(make_github_blueprint(client_id="c", client_secret="s"), url_prefix="/login")


@app.get("/")
def index():
    return "in" if github.authorized else "out"


def talk(client):
    client.get("/")
    client.get("/login/github")
    client.get("/login/github/authorized?error=access_denied")
