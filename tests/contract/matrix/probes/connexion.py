"""Routes from an OpenAPI document, validated, on a Flask application."""

import json
from pathlib import Path

from connexion import FlaskApp

SPEC = {
    "openapi": "3.0.0",
    "info": {"title": "probe", "version": "1"},
    "paths": {
        "/greeting/{name}": {
            "get": {
                "operationId": "probe.greet",
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "n", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {"200": {"description": "hello"}},
            }
        }
    },
}
Path("spec.json").write_text(json.dumps(SPEC))


def greet(name, n=1):
    return {"text": f"Hello, {name}!" * n}


connexion = FlaskApp(__name__, specification_dir=".")
connexion.add_api(Path("spec.json").resolve())
app = connexion.app


@app.get("/own")
def own():
    return "a route of the application's own"


def talk(client):
    through = connexion.test_client()
    for path in ("/greeting/Ada", "/greeting/Ada?n=2", "/greeting/Ada?n=x", "/nowhere"):
        response = through.get(path)
        client.note(path, (response.status_code, response.text))
    client.note("rules", sorted(str(rule) for rule in app.url_map.iter_rules()))
    client.get("/own")
