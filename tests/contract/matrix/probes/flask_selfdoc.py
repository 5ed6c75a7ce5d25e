"""A page that documents the application's routes."""

from flask import Flask
from flask_selfdoc import Autodoc

app = Flask(__name__)
auto = Autodoc(app)


@app.get("/things/<int:number>")
@auto.doc(groups=["public"])
def thing(number):
    """Give a thing."""
    return str(number)


@app.get("/documentation")
def documentation():
    return auto.html("public")


@app.get("/json")
def as_json():
    return auto.json("public")


def talk(client):
    client.get("/things/1")
    client.get("/documentation")
    client.get("/json")
