"""The extension's own test client joins a room and gets events; plain requests beside it."""

from flask import Flask
from flask_socketio import SocketIO, emit, join_room

app = Flask(__name__)
app.secret_key = "probe"
socketio = SocketIO(app, async_mode="threading")


@app.get("/")
def index():
    return "plain"


@socketio.on("greet")
def greet(data):
    join_room("greeted")
    emit("greeting", {"text": f"Hello, {data['name']}!"}, to="greeted")
    return "done"


@socketio.on_error_default
def failed(error):
    emit("failed", str(error))


def talk(client):
    client.get("/")
    events = socketio.test_client(app)
    client.note("connected", events.is_connected())
    client.note("answer", events.emit("greet", {"name": "Ada"}, callback=True))
    client.note("received", [(each["name"], each["args"]) for each in events.get_received()])
    events.emit("greet", {})
    client.note("error", [(each["name"], each["args"]) for each in events.get_received()])
