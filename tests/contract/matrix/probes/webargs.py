"""Arguments from query, form, JSON and headers, and the errors of wrong ones."""

from flask import Flask, jsonify
from webargs import fields
from webargs.flaskparser import use_args, use_kwargs

app = Flask(__name__)


@app.get("/query")
@use_kwargs({"name": fields.Str(load_default="nobody"), "n": fields.Int()}, location="query")
def query(**arguments):
    return arguments


@app.post("/json")
@use_args({"names": fields.List(fields.Str(), required=True)})
def names(arguments):
    return arguments


@app.post("/form/<int:number>")
@use_args({"a": fields.Str()}, location="form")
@use_args({"X-B": fields.Str()}, location="headers")
def form(a, b, number):
    return jsonify(a=a, b=b.get("X-B"), number=number)


@app.errorhandler(422)
def invalid(error):
    return error.data["messages"], 422


def talk(client):
    client.get("/query?name=Ada&n=1")
    client.get("/query?n=x")
    client.post("/json", json={"names": ["a"]})
    client.post("/json", json={})
    client.post("/json", data="no json", headers={"Content-Type": "application/json"})
    client.post("/form/3", data={"a": "x"}, headers={"X-B": "y"})
