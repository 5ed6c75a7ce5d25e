"""Methods are called by JSON-RPC, one, several, and wrongly."""

from flask import Flask
from flask_jsonrpc import JSONRPC

app = Flask(__name__)
jsonrpc = JSONRPC(app, "/api")


@jsonrpc.method("App.sum")
def add(a: int, b: int) -> int:
    return a + b


@jsonrpc.method("App.fail")
def fail(text: str) -> str:
    raise ValueError(text)


def call(method, number=1, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def talk(client):
    client.post("/api", json=call("App.sum", a=1, b=2))
    client.post("/api", json=[call("App.sum", n, a=n, b=2) for n in (1, 2)])
    client.post("/api", json=call("App.none"))
    client.post("/api", json=call("App.fail", text="x"))
    client.post("/api", data="no json", headers={"Content-Type": "application/json"})
