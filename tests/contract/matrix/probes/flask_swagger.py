"""The docstrings of views become a Swagger document."""

from flask import Flask, jsonify
from flask_swagger import swagger

app = Flask(__name__)


@app.get("/things/<int:number>")
def thing(number):
    """Get a thing
    ---
    tags: [things]
    responses:
      200: {description: a thing}
    """
    return str(number)


@app.get("/spec")
def spec():
    return jsonify(swagger(app))


def talk(client):
    client.get("/things/1")
    client.get("/spec")
