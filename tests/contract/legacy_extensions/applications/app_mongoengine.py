"""Flask-MongoEngine 1.0.0: documents, pages, 404s, JSON of documents, forms, sessions.

MongoDB is not in Debian: mongomock stands for the server, through the extension's own `mongomock://` setting.
"""

from flask import Flask, jsonify, request, session
from flask_mongoengine import MongoEngine, MongoEngineSessionInterface
from flask_mongoengine.wtf import model_form

from asking import Report

app = Flask(__name__)
app.config.update(
    SECRET_KEY="for the test",
    WTF_CSRF_ENABLED=False,
    MONGODB_SETTINGS={"db": "notes", "host": "mongomock://localhost"},
)
db = MongoEngine(app)
app.session_interface = MongoEngineSessionInterface(db)


class Note(db.Document):
    title = db.StringField(required=True, max_length=20)
    stars = db.IntField(min_value=0, max_value=5, default=1)
    tags = db.ListField(db.StringField(max_length=10))
    meta = {"ordering": ["title"]}


NoteForm = model_form(Note, only=["title", "stars"])


@app.route("/notes", methods=["GET", "POST"])
def notes():
    form = NoteForm()
    if request.method == "POST":
        if not form.validate_on_submit():
            return jsonify(errors=form.errors), 400
        form.save()
        return "", 201
    page = Note.objects.paginate(page=int(request.args.get("page", 1)), per_page=2)
    return jsonify(
        titles=[note.title for note in page.items], pages=page.pages, total=page.total, next=page.has_next
    )


@app.route("/notes/<title>")
def note(title):
    note = Note.objects.get_or_404(title=title)
    return jsonify(note=note, all=Note.objects(stars__gte=3))


@app.route("/first")
def first():
    return Note.objects(stars=9).first_or_404("no note with nine stars").title


@app.route("/visit")
def visit():
    session["visits"] = session.get("visits", 0) + 1
    return "%s %s" % (type(session._get_current_object()).__name__, session["visits"])


report = Report(app, hide=(r"[0-9a-f]{24}",))
report.post("/notes", data={"title": "First", "stars": "3"})
report.post("/notes", data={"title": "Second", "stars": "9"})
report.post("/notes", data={"title": "Second"})
report.post("/notes", data={"title": "Third", "stars": "5"})
report.get("/notes")
report.get("/notes?page=2")
report.get("/notes?page=5")
report.get("/notes/First")
report.get("/notes/None")
report.get("/first")
report.get("/visit")
report.get("/visit")
report.show()
