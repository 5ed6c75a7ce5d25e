"""Flask-JSONRPC 0.3.1: methods with checked types, batches, notifications, errors, GET calls, the browsable API."""

from flask import Flask
from flask_jsonrpc import JSONRPC
from flask_jsonrpc.exceptions import OtherError

from asking import Report

app = Flask(__name__)
jsonrpc = JSONRPC(app, "/api", enable_web_browsable_api=True)


@jsonrpc.method("App.index")
def index():
    return "Welcome"


@jsonrpc.method("App.add(left=Number, right=Number) -> Number", validate=True)
def add(left, right):
    """Adds."""
    return left + right


@jsonrpc.method("App.greet(name=String) -> Object", safe=True)
def greet(name):
    return {"hello": name}


def check(username, password):
    return username == "ada" and password == "notes"


@jsonrpc.method("App.fails")
def fails():
    raise OtherError("on purpose")


def call(method, params=(), **more):
    return dict({"jsonrpc": "2.0", "id": "1", "method": method, "params": params}, **more)


report = Report(app, hide=(r'(?<="stack": ")[^"]*(?=")', r'(?<="stack":")[^"]*(?=")', r"urn:uuid:[\w-]+"))
report.post("/api", json=call("App.index"))
report.post("/api", json=call("App.add", [1, 2]))
report.post("/api", json=call("App.add", {"left": 1, "right": 4}))
report.post("/api", json=call("App.add", ["one", 2]))
report.post("/api", json=call("App.add", [1]))
report.post("/api", json=call("App.greet", ["Ada"]))
report.post("/api", json=call("App.nothing"))
report.post("/api", json=[call("App.index"), call("App.greet", {"name": "Bob"})])
report.get("/api/App.greet?name=Eve")
report.post("/api", data="{", content_type="application/json")
report.post("/api", json=call("system.describe"))
report.get("/api/browse/", body=False)
report.get("/api/browse/packages.json")
report.show()
