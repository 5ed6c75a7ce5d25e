"""Bodies are checked against a JSON schema."""

from flask import Flask, g
from flask_expects_json import expects_json

app = Flask(__name__)
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "n": {"default": 7}},
    "required": ["name"],
}


@app.post("/")
@expects_json(SCHEMA, fill_defaults=True)
def name():
    return g.data


def talk(client):
    client.post("/", json={"name": "Ada"})
    client.post("/", json={"name": 1})
    client.post("/", data="no json")
