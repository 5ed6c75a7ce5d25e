"""Arguments are parsed, results marshalled, and the document served."""

from flask import Flask
from flask_apispec import FlaskApiSpec, MethodResource, doc, marshal_with, use_kwargs
from marshmallow import Schema, fields

app = Flask(__name__)


class Pet(Schema):
    name = fields.Str()


@app.get("/pets")
@use_kwargs({"kind": fields.Str(required=True)}, location="query")
@marshal_with(Pet(many=True))
def pets(kind):
    return [{"name": kind, "other": 1}]


@doc(tags=["one"])
class One(MethodResource):
    @marshal_with(Pet)
    def get(self, number):
        return {"name": f"pet {number}"}


app.add_url_rule("/pets/<int:number>", view_func=One.as_view("one"))
docs = FlaskApiSpec(app)
docs.register(pets)
docs.register(One, endpoint="one")


def talk(client):
    client.get("/pets?kind=cat")
    client.get("/pets")
    client.get("/pets/3")
    client.get("/swagger/")
    client.get("/swagger-ui/")
