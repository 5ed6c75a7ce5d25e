"""The routes of `app_via.py`, in the module that its setting names."""

from flask import request
from flask.views import MethodView
from flask_via.routers.default import Blueprint, Functional, Pluggable


def index():
    return "index by " + request.endpoint


def hello(name):
    return "hello " + name


class Notes(MethodView):
    def get(self, number=0):
        return "note %d" % number

    def post(self):
        return "posted", 201


routes = [
    Functional("/", index),
    Functional("/hello/<name>", hello, endpoint="greeting"),
    Pluggable("/notes", Notes, "notes"),
    Pluggable("/notes/<int:number>", Notes, "note"),
    Blueprint("inner", "via_inner", routes_module_name="pages", url_prefix="/inner"),
]
