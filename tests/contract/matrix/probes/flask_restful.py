"""Resources with parsed arguments, marshalled fields, and errors."""

from flask import Flask
from flask_restful import Api, Resource, abort, fields, marshal_with, reqparse

app = Flask(__name__)
api = Api(app, catch_all_404s=True)
parser = reqparse.RequestParser()
parser.add_argument("task", required=True, help="say what")
parser.add_argument("rank", type=int, default=1)
TASKS = {}


class Tasks(Resource):
    @marshal_with({"task": fields.String, "rank": fields.Integer, "uri": fields.Url("task")})
    def post(self, number):
        TASKS[number] = parser.parse_args()
        return {**TASKS[number], "number": number}, 201, {"X-Made": "yes"}

    def get(self, number):
        if number not in TASKS:
            abort(404, message=f"no task {number}")
        return TASKS[number]


api.add_resource(Tasks, "/tasks/<int:number>", endpoint="task")


def talk(client):
    client.post("/tasks/1", json={"task": "shake", "rank": 3})
    client.post("/tasks/2", json={})
    client.post("/tasks/2", data={"task": "stir", "rank": "x"})
    client.get("/tasks/1")
    client.get("/tasks/9")
    client.get("/nowhere")
    client.open("/tasks/1", method="DELETE")
