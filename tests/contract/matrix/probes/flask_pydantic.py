"""Query, body and result are Pydantic models."""

from flask import Flask
from flask_pydantic import validate
from pydantic import BaseModel

app = Flask(__name__)


class Query(BaseModel):
    age: int


class Body(BaseModel):
    name: str
    nick: str | None = None


class Result(BaseModel):
    name: str
    age: int


@app.post("/")
@validate(on_success_status=201)
def both(query: Query, body: Body):
    return Result(name=body.name, age=query.age)


@app.get("/<number>")
@validate(response_many=True)
def many(number: int):
    return [Result(name="a", age=n) for n in range(number)]


def talk(client):
    client.post("/?age=3", json={"name": "Ada"})
    client.post("/?age=x", json={})
    client.post("/?age=3", data="no json")
    client.get("/2")
    client.get("/x")
