"""Routes from the methods of a class, with hooks and a representation."""

import json

from flask import Flask, make_response
from flask_classful import FlaskView, route

app = Flask(__name__)


def as_json(data, code, headers=None):
    response = make_response(json.dumps(data), code)
    response.headers.extend({"Content-Type": "application/json", **(headers or {})})
    return response


class QuotesView(FlaskView):
    representations = {"application/json": as_json, "flask-classful/default": as_json}
    trailing_slash = False

    def before_request(self, name, **arguments):
        if arguments.get("number") == "0":
            return {"stopped": name}

    def index(self):
        return ["a", "b"]

    def get(self, number):
        return {"number": number}

    def post(self):
        return {"made": True}, 201

    @route("/word/<word>", methods=["GET", "PUT"])
    def word(self, word):
        return word.upper()


QuotesView.register(app, route_base="/quotes")


def talk(client):
    client.get("/quotes")
    client.get("/quotes/3")
    client.get("/quotes/0")
    client.post("/quotes")
    client.open("/quotes/word/hello", method="PUT")
    client.get("/quotes/none/none")
