"""Flask-RESTPlus 0.13: namespaces, models, masks, validation, error handlers, swagger.json and its page."""

from flask import Flask
from flask_restplus import Api, Resource, abort, fields, reqparse

from asking import Report

app = Flask(__name__)
api = Api(app, version="1.0", title="Notes", description="An API of notes", doc="/doc/", validate=True)
space = api.namespace("notes", description="all notes")

note = api.model(
    "Note",
    {
        "id": fields.Integer(readonly=True, description="its number"),
        "text": fields.String(required=True, max_length=10),
        "stars": fields.Integer(min=0, max=5, default=0),
        "uri": fields.Url("notes_note", absolute=False),
    },
)
parser = reqparse.RequestParser()
parser.add_argument("limit", type=int, choices=(1, 2, 3), help="how many", location="args")
notes = [{"id": 1, "text": "first", "stars": 5}]


class TooMany(Exception):
    pass


@api.errorhandler(TooMany)
def too_many(error):
    "There are too many notes"
    return {"message": "too many", "more": str(error)}, 507


@space.route("/")
class Notes(Resource):
    @api.doc("list_notes")
    @api.expect(parser)
    @space.marshal_list_with(note)
    def get(self):
        return notes[: parser.parse_args()["limit"]]

    @space.expect(note)
    @space.marshal_with(note, code=201)
    def post(self):
        if len(notes) > 1:
            raise TooMany("no room")
        notes.append(dict(api.payload, id=len(notes) + 1))
        return notes[-1], 201


@space.route("/<int:id>", endpoint="notes_note")
@space.response(404, "no such note")
@space.param("id", "its number")
class Note(Resource):
    @space.marshal_with(note)
    def get(self, id):
        if id > len(notes):
            abort(404, "note {} is missing".format(id), hint="try 1")
        return notes[id - 1]


report = Report(app, headers=("Allow",))
report.get("/notes/")
report.get("/notes/?limit=9")
report.get("/notes/1", headers={"X-Fields": "{text,stars}"})
report.get("/notes/5")
report.post("/notes/", json={"stars": 1})
report.post("/notes/", json={"text": "much too long", "stars": 9})
report.post("/notes/", json={"text": "second"})
report.post("/notes/", json={"text": "third"})
report.ask("PATCH", "/notes/")
report.get("/swagger.json")
report.get("/doc/")
report.get("/swaggerui/swagger-ui.css", body=False)
report.get("/nothing")
report.show()
