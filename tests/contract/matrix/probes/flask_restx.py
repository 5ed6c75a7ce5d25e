"""Namespaces with models, validation, error handlers, and the Swagger document."""

from flask import Flask
from flask_restx import Api, Resource, fields

app = Flask(__name__)
api = Api(app, title="Probe", validate=True, doc="/doc")
space = api.namespace("todos", description="Things to do")
todo = api.model("Todo", {"id": fields.Integer(readonly=True), "task": fields.String(required=True)})
TODOS = {}


@space.route("/")
class Todos(Resource):
    @space.marshal_list_with(todo)
    def get(self):
        return [{"id": number, **each} for number, each in TODOS.items()]

    @space.expect(todo)
    @space.marshal_with(todo, code=201)
    def post(self):
        number = len(TODOS) + 1
        TODOS[number] = {"task": api.payload["task"]}
        return {"id": number, **TODOS[number]}, 201


@space.route("/<int:number>")
@space.response(404, "not found")
class Todo(Resource):
    @space.marshal_with(todo)
    def get(self, number):
        if number not in TODOS:
            api.abort(404, f"no todo {number}")
        return TODOS[number]

    def delete(self, number):
        raise KeyError(number)


@api.errorhandler(KeyError)
def missing(error):
    return {"message": f"missing: {error}"}, 410


def talk(client):
    client.post("/todos/", json={"task": "shake"})
    client.post("/todos/", json={"other": 1})
    client.get("/todos/")
    client.get("/todos/1")
    client.get("/todos/7")
    client.open("/todos/1", method="DELETE")
    client.get("/swagger.json")
    client.get("/doc")
    client.get("/swaggerui/swagger-ui.css")
