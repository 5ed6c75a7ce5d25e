"""Models are dumped with links, and input is loaded and refused."""

from flask import Flask, request
from flask_marshmallow import Marshmallow
from marshmallow import ValidationError

app = Flask(__name__)
ma = Marshmallow(app)


class Author(ma.Schema):
    id = ma.Int(dump_only=True)
    name = ma.Str(required=True)
    links = ma.Hyperlinks(
        {"self": ma.URLFor("author", values={"number": "<id>"}), "all": ma.URLFor("authors")}
    )


@app.get("/authors/<int:number>")
def author(number):
    return Author().dump({"id": number, "name": "Ada"})


@app.route("/authors", methods=["GET", "POST"])
def authors():
    if request.method == "POST":
        return Author().load(request.json), 201
    return Author(many=True).jsonify([{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bob"}])


@app.errorhandler(ValidationError)
def invalid(error):
    return error.messages, 422


def talk(client):
    client.get("/authors/1")
    client.get("/authors")
    client.post("/authors", json={"name": "Eve"})
    client.post("/authors", json={"other": 1})
