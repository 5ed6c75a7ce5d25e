"""Pydantic models for path, query and body; the OpenAPI document."""

from flask_openapi3 import Info, OpenAPI
from pydantic import BaseModel, Field

app = OpenAPI(__name__, info=Info(title="Probe", version="1"))


class Query(BaseModel):
    age: int = Field(gt=0)


class Body(BaseModel):
    name: str


class Path(BaseModel):
    number: int


@app.get("/books", summary="all")
def books(query: Query):
    return {"age": query.age}


@app.post("/books/<int:number>", responses={201: Body})
def add(path: Path, body: Body):
    return {"name": body.name, "number": path.number}, 201


def talk(client):
    client.get("/books?age=3")
    client.get("/books?age=-1")
    client.post("/books/2", json={"name": "x"})
    client.post("/books/2", json={})
    client.get("/openapi/openapi.json")
    client.get("/openapi/")
