"""A WebSocket route beside plain routes; without an upgrade it is refused."""

from flask import Flask
from flask_sock import Sock

app = Flask(__name__)
sock = Sock(app)


@sock.route("/echo")
def echo(ws):
    while True:
        ws.send(ws.receive())


@app.get("/")
def index():
    return "plain"


def talk(client):
    client.get("/")
    client.note("rule", [str(rule) for rule in app.url_map.iter_rules()])
    client.get("/missing")
