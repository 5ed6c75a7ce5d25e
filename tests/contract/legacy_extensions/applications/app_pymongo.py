"""Flask-PyMongo 2.3: collections, get_or_404, the converter for ids, JSON, files that are kept and sent.

MongoDB is not in Debian: the extension's client class is replaced by mongomock's, with the extension's attributes.
"""

import flask_pymongo
import mongomock
import mongomock.gridfs
from flask import Flask, jsonify, redirect, request, url_for
from flask_pymongo.wrappers import Collection

from asking import Report


class Client(mongomock.MongoClient):
    """Has of the extension's own client what applications use: databases by attribute with `find_one_or_404`."""

    def __init__(self, uri, **options):
        super().__init__(uri)


mongomock.gridfs.enable_gridfs_integration()
mongomock.Collection.find_one_or_404 = Collection.find_one_or_404
flask_pymongo.MongoClient = Client

app = Flask(__name__)
app.config["MONGO_URI"] = "mongodb://localhost:27017/notes"
mongo = flask_pymongo.PyMongo(app)


@app.route("/notes", methods=["GET", "POST"])
def notes():
    if request.method == "POST":
        done = mongo.db.notes.insert_one({"text": request.form["text"], "stars": 0})
        return redirect(url_for("note", number=done.inserted_id))
    return jsonify([note["text"] for note in mongo.db.notes.find().sort("text", flask_pymongo.ASCENDING)])


@app.route("/notes/<ObjectId:number>")
def note(number):
    found = mongo.db.notes.find_one_or_404({"_id": number})
    return jsonify(text=found["text"], same=str(found["_id"]) == str(number))


report = Report(app, hide=(r"[0-9a-f]{24}",))
answer = report.client.post("/notes", data={"text": "first"})
report.note("location", report.plain(answer.headers["Location"]).replace("http://localhost/", "/"))
report.note("found", report.client.get(answer.headers["Location"]).get_json())
report.client.post("/notes", data={"text": "another"})
report.get("/notes")
report.note("missing", report.client.get("/notes/" + "0" * 24).status_code)
report.get("/notes/nonsense")
report.note("names", [mongo.db.name, type(mongo.cx).__name__])
report.show()
