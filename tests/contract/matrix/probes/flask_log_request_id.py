"""Each request has an identity, from its header or made for it."""

from flask import Flask
from flask_log_request_id import RequestID, current_request_id

HIDE = (r"[0-9a-f]{8}-[0-9a-f-]{27}",)

app = Flask(__name__)
RequestID(app)


@app.get("/")
def index():
    return current_request_id()


def talk(client):
    client.get("/", headers={"X-Request-ID": "a-1"})
    client.get("/")
