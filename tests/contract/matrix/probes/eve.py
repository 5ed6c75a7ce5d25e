"""An application class of its own: resources from settings, validated, without a database."""

from eve import Eve
from eve.io.base import DataLayer
from flask import Response

HIDE = (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", r"\b[0-9a-f]{40}\b")


class Nothing(DataLayer):
    def init_app(self, app):
        pass

    def find(self, resource, req, sub_resource_lookup, perform_count=True):
        return (Rows(), 0)

    def find_one(self, resource, req, check_auth_value=True, force_auth_field_projection=False, **lookup):
        return None


class Rows(list):
    def count(self, *_, **__):
        return 0


SETTINGS = {
    "DOMAIN": {"people": {"schema": {"name": {"type": "string", "maxlength": 5}}}},
    "RENDERERS": ["eve.render.JSONRenderer"],
}
app = Eve(settings=SETTINGS, data=Nothing)


@app.route("/own")
def own():
    return Response("own")


def talk(client):
    client.get("/")
    client.get("/people")
    client.get("/people/1")
    client.get("/nowhere")
    client.get("/own")
    client.post("/people", json={"name": 1})
