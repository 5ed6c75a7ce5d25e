"""A page with a callback, on a Flask application that has routes of its own."""

from dash import Dash, Input, Output, dcc, html
from flask import Flask

HIDE = (
    r"v\d+_\d+_\d+\w*m\d+",
    r"m=\d+",
    r"\d+\.\d+-\d+-\d+",
    r"_dash-[\w-]+",
    r'"hash": ?"\w+"',
    r'"end_id": ?"[^"]+"',
)

app = Flask(__name__)
dash = Dash(__name__, server=app, url_base_pathname="/dash/")
dash.layout = html.Div([dcc.Input(id="name", value="Ada"), html.Div(id="out")])


@dash.callback(Output("out", "children"), Input("name", "value"))
def greet(name):
    return f"Hello, {name}!"


@app.get("/")
def index():
    return "plain"


def talk(client):
    client.get("/")
    client.note("page", client.client.get("/dash/").status)
    client.get("/dash/_dash-layout")
    client.get("/dash/_dash-dependencies")
    changed = {
        "output": "out.children",
        "outputs": {"id": "out", "property": "children"},
        "inputs": [{"id": "name", "property": "value", "value": "Bob"}],
        "changedPropIds": ["name.value"],
        "state": [],
    }
    client.post("/dash/_dash-update-component", json=changed)
    client.get("/dash/some/page")
