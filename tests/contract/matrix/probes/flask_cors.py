"""A resource is shared with one origin, with a preflight request."""

from flask import Flask
from flask_cors import CORS, cross_origin

app = Flask(__name__)
CORS(app, resources={r"/api/*": {"origins": "https://a.example", "supports_credentials": True}})


@app.route("/api/things", methods=["GET", "PUT"])
def things():
    return {"things": []}


@app.get("/open")
@cross_origin(expose_headers=["X-Count"], max_age=60)
def everybody():
    return "open"


@app.get("/closed")
def closed():
    return "closed"


def talk(client):
    for origin in ("https://a.example", "https://b.example"):
        client.get("/api/things", headers={"Origin": origin})
        asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
        client.open("/api/things", method="OPTIONS", headers=asked)
    client.get("/open", headers={"Origin": "https://b.example"})
    client.get("/closed", headers={"Origin": "https://a.example"})
    client.get("/api/missing", headers={"Origin": "https://a.example"})
