"""Requests of HTMX are told from others by their headers."""

from flask import Flask
from flask_htmx import HTMX, make_response

app = Flask(__name__)
htmx = HTMX(app)


@app.get("/")
def index():
    if htmx:
        return make_response(f"part {htmx.target} {htmx.boosted}", trigger={"event": "x"}, push_url="/next")
    return "page"


def talk(client):
    client.get("/")
    client.get("/", headers={"HX-Request": "true", "HX-Target": "main"})
