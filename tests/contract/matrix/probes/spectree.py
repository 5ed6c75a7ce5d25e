"""Requests are validated, and the document of the API is served."""

from flask import Flask, jsonify, request
from pydantic import BaseModel
from spectree import Response, SpecTree

app = Flask(__name__)
spec = SpecTree("flask", title="Probe", version="1")


class Profile(BaseModel):
    name: str
    age: int


class Message(BaseModel):
    text: str


@app.post("/api/user")
@spec.validate(json=Profile, resp=Response(HTTP_200=Message), tags=["api"])
def user():
    return jsonify(text=f"{request.context.json.name} is {request.context.json.age}")


spec.register(app)


def talk(client):
    client.post("/api/user", json={"name": "Ada", "age": 36})
    client.post("/api/user", json={"name": "Ada"})
    client.get("/apidoc/openapi.json")
    client.get("/apidoc/redoc/")
