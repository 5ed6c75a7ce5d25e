"""Handlers with schemas for body and result, errors as JSON, and the Swagger document."""

from flask import Flask
from flask_rebar import Rebar, RequestSchema, ResponseSchema, errors, get_validated_body
from marshmallow import fields

app = Flask(__name__)
rebar = Rebar()
registry = rebar.create_handler_registry(prefix="/v1")


class TodoIn(RequestSchema):
    text = fields.String(required=True)


class Todo(ResponseSchema):
    id = fields.Integer()
    text = fields.String()


@registry.handles(rule="/todos/<int:number>", method="GET", response_body_schema=Todo())
def todo(number):
    if number > 2:
        raise errors.NotFound(msg="no such todo")
    return {"id": number, "text": "shake"}


@registry.handles(
    rule="/todos", method="POST", request_body_schema=TodoIn(), response_body_schema={201: Todo()}
)
def add():
    return {"id": 2, **get_validated_body()}, 201


rebar.init_app(app)


def talk(client):
    client.get("/v1/todos/1")
    client.get("/v1/todos/9")
    client.post("/v1/todos", json={"text": "stir"})
    client.post("/v1/todos", json={})
    client.get("/v1/swagger")
