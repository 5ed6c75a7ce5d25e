"""Bodies and results by Marshmallow schemas, on Flask-RESTX."""

from flask import Flask, request
from flask_accepts import accepts, responds
from flask_restx import Api, Resource
from marshmallow import Schema, fields

app = Flask(__name__)
api = Api(app)


class Pet(Schema):
    name = fields.Str(required=True)
    age = fields.Int()


@api.route("/pets")
class Pets(Resource):
    @accepts("Find", dict(name="kind", type=str), api=api)
    @responds(schema=Pet, many=True, api=api)
    def get(self):
        return [{"name": request.parsed_args["kind"], "age": 3}]

    @accepts("New", schema=Pet, api=api)
    @responds(schema=Pet, status_code=201, api=api)
    def post(self):
        return request.parsed_obj


def talk(client):
    client.get("/pets?kind=cat")
    client.post("/pets", json={"name": "Hen", "age": 1})
    client.post("/pets", json={"age": "x"})
    client.get("/swagger.json")
