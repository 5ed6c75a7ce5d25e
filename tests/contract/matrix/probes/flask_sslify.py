"""Plain requests are sent to HTTPS, and secure ones get the header for it."""

from flask import Flask
from flask_sslify import SSLify

app = Flask(__name__)
SSLify(app, subdomains=True, skips=["plain"])


@app.get("/")
def index():
    return "secure"


@app.get("/plain")
def plain():
    return "plain"


def talk(client):
    client.get("/?a=1")
    client.get("/plain")
    client.get("/", base_url="https://localhost")
    client.get("/", headers={"X-Forwarded-Proto": "https"})
