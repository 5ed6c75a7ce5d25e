"""Flask-RESTful 0.3.8: resources, a request parser, marshalled fields, errors, representations, decorators."""

from flask import Blueprint, Flask, make_response
from flask_restful import Api, Resource, abort, fields, inputs, marshal_with, reqparse

from asking import Report

app = Flask(__name__)
app.config["ERROR_404_HELP"] = True
blueprint = Blueprint("api", __name__, url_prefix="/v1")
api = Api(blueprint, errors={"TaskExists": {"message": "It exists.", "status": 409}}, catch_all_404s=True)
tasks = {1: {"id": 1, "text": "write", "done": False, "tags": ["now"]}}

shape = {
    "id": fields.Integer,
    "text": fields.String(attribute="text"),
    "done": fields.Boolean,
    "tags": fields.List(fields.String),
    "url": fields.Url("api.task"),
    "nested": fields.Nested({"length": fields.Float}, allow_null=True),
}

parser = reqparse.RequestParser(bundle_errors=True)
parser.add_argument("text", required=True, help="a text is needed")
parser.add_argument("done", type=inputs.boolean, default=False)
parser.add_argument("tags", action="append", default=[])
parser.add_argument("X-Level", location="headers", type=int)


class TaskExists(Exception):
    pass


class Task(Resource):
    @marshal_with(shape)
    def get(self, id):
        if id not in tasks:
            abort(404, message="no task %d" % id)
        return tasks[id]

    def delete(self, id):
        tasks.pop(id)
        return "", 204, {"X-Deleted": str(id)}


class Tasks(Resource):
    @marshal_with(shape, envelope="tasks")
    def get(self):
        return list(tasks.values())

    @marshal_with(shape)
    def post(self):
        given = parser.parse_args()
        if any(task["text"] == given["text"] for task in tasks.values()):
            raise TaskExists
        task = dict(given, id=len(tasks) + 1)
        tasks[task["id"]] = task
        return task, 201


@api.representation("text/csv")
def as_csv(data, code, headers=None):
    return make_response(",".join(sorted(data)), code, headers)


api.add_resource(Tasks, "/tasks", endpoint="tasks")
api.add_resource(Task, "/tasks/<int:id>", endpoint="task")
app.register_blueprint(blueprint)

report = Report(app, headers=("X-Deleted", "Allow"))
report.get("/v1/tasks")
report.get("/v1/tasks/1")
report.get("/v1/tasks/1", headers={"Accept": "text/csv"})
report.get("/v1/tasks/7")
report.post("/v1/tasks", data={"done": "true"}, headers={"X-Level": "high"})
report.post("/v1/tasks", json={"text": "read", "tags": ["a", "b"]})
report.post("/v1/tasks", data={"text": "read"})
report.get("/v1/tasks/2")
report.ask("DELETE", "/v1/tasks/1")
report.ask("PUT", "/v1/tasks")
report.get("/v1/task")
report.show()
