"""A blueprint that streams events; without its store it says so."""

from flask import Flask
from flask_sse import sse

app = Flask(__name__)
app.register_blueprint(sse, url_prefix="/stream")


@app.get("/send")
def send():
    try:
        sse.publish({"text": "hello"}, type="greeting")
    except KeyError as error:
        return str(error)
    return "sent"


def talk(client):
    client.get("/send")
    client.note("rules", sorted(str(rule) for rule in app.url_map.iter_rules()))
