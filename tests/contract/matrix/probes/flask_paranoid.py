"""A session that another browser presents is refused."""

from flask import Flask, session
from flask_paranoid import Paranoid

HIDE = (r"session=[^;]+", r"expires=[^;]+", r"Expires=[^;]+")

app = Flask(__name__)
app.secret_key = "probe"
paranoid = Paranoid(app)
paranoid.redirect_view = "/again"


@app.get("/write")
def write():
    session["who"] = "ada"
    return "written"


@app.get("/read")
def read():
    return session.get("who", "nobody")


@app.get("/again")
def again():
    return "again"


def talk(client):
    client.get("/write", headers={"User-Agent": "a"})
    client.get("/read", headers={"User-Agent": "a"})
    client.get("/read", headers={"User-Agent": "b"})
    client.get("/read", headers={"User-Agent": "a"})
