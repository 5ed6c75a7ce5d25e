"""JSON by orjson: dates, identities, data classes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Flask, request
from flask_orjson import OrjsonProvider

app = Flask(__name__)
app.json = OrjsonProvider(app)


@dataclass
class Thing:
    name: str


@app.get("/")
def index():
    return {"when": datetime(2026, 1, 2), "id": UUID(int=5), "thing": Thing("flask"), "ü": [1.5, None]}


@app.post("/")
def echo():
    return [request.json]


def talk(client):
    client.get("/")
    client.post("/", json={"a": 1})
    client.post("/", data="{", headers={"Content-Type": "application/json"})
