"""An application class of its own, with input, output, errors and authentication."""

from apiflask import APIFlask, HTTPTokenAuth, Schema, abort
from apiflask.fields import Integer, String
from apiflask.validators import Length

app = APIFlask(__name__, title="Probe")
auth = HTTPTokenAuth()


@auth.verify_token
def verify(token):
    return {"id": 1} if token == "t" else None


class PetIn(Schema):
    name = String(required=True, validate=Length(0, 5))


class PetOut(Schema):
    id = Integer()
    name = String()


@app.get("/pets/<int:number>")
@app.output(PetOut)
def pet(number):
    if number > 3:
        abort(404, "no such pet")
    return {"id": number, "name": "Cat", "secret": 1}


@app.post("/pets")
@app.auth_required(auth)
@app.input(PetIn, location="json")
@app.output(PetOut, status_code=201)
def add(json_data):
    return {"id": 4, **json_data}


def talk(client):
    client.get("/pets/1")
    client.get("/pets/9")
    client.post("/pets", json={"name": "Hen"})
    client.post("/pets", json={"name": "Hen"}, headers={"Authorization": "Bearer t"})
    client.post("/pets", json={"name": "Elephant"}, headers={"Authorization": "Bearer t"})
    client.get("/openapi.json")
    client.get("/docs")
    client.get("/missing")
