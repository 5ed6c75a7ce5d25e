"""Requests are validated, and the document of the API is served."""

from flask import Flask, jsonify, request
from flask_pydantic_spec import FlaskPydanticSpec, Request, Response
from pydantic import BaseModel

app = Flask(__name__)
spec = FlaskPydanticSpec("flask", title="Probe")


class Profile(BaseModel):
    name: str
    age: int


@app.post("/api/user")
@spec.validate(body=Request(Profile), resp=Response(HTTP_200=Profile), tags=["api"])
def user():
    return jsonify(name=request.context.body.name, age=request.context.body.age)


spec.register(app)


def talk(client):
    client.post("/api/user", json={"name": "Ada", "age": 36})
    client.post("/api/user", json={"name": "Ada"})
    client.get("/apidoc/openapi.json")
