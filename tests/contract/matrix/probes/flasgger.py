"""A view is documented by its docstring, its input validated against it."""

from flasgger import Swagger, swag_from
from flask import Flask, request

app = Flask(__name__)
Swagger(app)


@app.get("/colors/<palette>/")
def colors(palette):
    """Colours of a palette.
    ---
    parameters:
      - {name: palette, in: path, type: string, required: true}
    responses:
      200: {description: A list of colours}
    """
    return {palette: ["red"]}


PERSON = {
    "parameters": [
        {
            "name": "body",
            "in": "body",
            "schema": {
                "id": "Person",
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}},
            },
        }
    ],
    "responses": {200: {"description": "the name"}},
}


@app.post("/people")
@swag_from(PERSON, validation=True)
def people():
    return {"name": request.json["name"]}


def talk(client):
    client.get("/colors/rgb/")
    client.post("/people", json={"name": "Ada"})
    client.client.post("/people", json={"name": 1})
    client.get("/apispec_1.json")
    client.get("/apidocs/")
    client.get("/flasgger_static/swagger-ui.css")
