"""The routes of the blueprint in `via_routes.py`."""

from flask import request
from flask_via.routers.default import Functional


def page():
    return "%s of %s" % (request.endpoint, request.blueprint)


routes = [Functional("/page", page)]
