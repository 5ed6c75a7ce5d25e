"""Views, hooks and classes get what they ask for by type."""

from flask import Flask
from flask.views import View
from flask_injector import FlaskInjector, request
from injector import inject


class Engine:
    number = 0

    def __init__(self):
        Engine.number += 1
        self.name = f"engine {Engine.number}"


app = Flask(__name__)


@app.get("/")
def index(engine: Engine):
    return engine.name


@app.get("/<int:number>")
def numbered(number: int, engine: Engine):
    return f"{number} {engine.name}"


class Page(View):
    @inject
    def __init__(self, engine: Engine):
        self.engine = engine

    def dispatch_request(self):
        return self.engine.name


app.add_url_rule("/class", view_func=Page.as_view("page"))


@app.after_request
def mark(response):
    response.headers["X-Marked"] = "yes"
    return response


FlaskInjector(app, modules=[lambda binder: binder.bind(Engine, scope=request)])


def talk(client):
    for path in ("/", "/5", "/class", "/"):
        client.get(path)
