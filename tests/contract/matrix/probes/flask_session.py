"""A session on the server's side is written, read, changed and cleared."""

from cachelib.file import FileSystemCache
from flask import Flask, session
from flask_session import Session

HIDE = (r"session=[^;]+", r"Expires=[^;]+", r"expires=[^;]+")

app = Flask(__name__)
app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache("sessions"))
Session(app)


@app.get("/count")
def count():
    session["count"] = session.get("count", 0) + 1
    return str(session["count"])


@app.get("/read")
def read():
    return str(session.get("count"))


@app.get("/clear")
def clear():
    session.clear()
    return "cleared"


def talk(client):
    for path in ("/read", "/count", "/count", "/read", "/clear", "/read"):
        client.get(path)
