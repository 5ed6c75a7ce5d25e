"""Imports of a session extension that is older than Flask 2 (it asks for removed names)."""

from flask import Flask, session
from flask_kvsession import KVSessionExtension
from simplekv.memory import DictStore

app = Flask(__name__)
app.secret_key = "probe"
KVSessionExtension(DictStore(), app)


@app.get("/")
def count():
    session["n"] = session.get("n", 0) + 1
    return str(session["n"])


def talk(client):
    client.get("/")
    client.get("/")
