"""Views return what becomes JSON, with statuses, errors and times."""

from datetime import datetime

from flask import Flask, request
from flask_json import FlaskJSON, JsonError, as_json, json_response

app = Flask(__name__)
app.config["JSON_ADD_STATUS"] = True
FlaskJSON(app)


@app.get("/time")
@as_json
def time():
    return {"time": datetime(2026, 1, 2, 3, 4)}


@app.post("/value")
def value():
    data = request.get_json(force=True)
    if "value" not in data:
        raise JsonError(description="Invalid value.")
    return json_response(value=data["value"], headers_={"X-A": "b"})


def talk(client):
    client.get("/time")
    client.post("/value", json={"value": 1})
    client.post("/value", json={})
    client.post("/value", data="{")
