"""The routes of `app_via.py`, in the module that its setting names."""

from flask import request
from flask.views import MethodView
from flask_restful import Resource
from flask_via.routers.default import Blueprint, Functional, Pluggable
from flask_via.routers.restful import Resource as ResourceRoute


def index():
    return "index by " + request.endpoint


def hello(name):
    return "hello " + name


class Notes(MethodView):
    def get(self, number=0):
        return "note %d" % number

    def post(self):
        return "posted", 201


class Thing(Resource):
    def get(self, number):
        return {"thing": number}


routes = [
    Functional("/", index),
    Functional("/hello/<name>", hello, endpoint="greeting"),
    Pluggable("/notes", Notes, "notes"),
    Pluggable("/notes/<int:number>", Notes, "note"),
    Blueprint("inner", "via_inner", routes_module_name="via_inner", url_prefix="/inner"),
    ResourceRoute("/things/<int:number>", Thing),
]
