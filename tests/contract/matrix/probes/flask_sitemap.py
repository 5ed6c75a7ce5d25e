"""A sitemap from the rules and from a generator."""

from flask import Flask
from flask_sitemap import Sitemap

app = Flask(__name__)
app.config.update(SITEMAP_INCLUDE_RULES_WITHOUT_PARAMS=True, SERVER_NAME="localhost")
sitemap = Sitemap(app)


@app.get("/")
def index():
    return "page"


@app.get("/<int:number>")
def numbered(number):
    return str(number)


@sitemap.register_generator
def numbers():
    yield "numbered", {"number": 1}, "2026-01-02", "weekly", 0.7


def talk(client):
    client.get("/sitemap.xml")
    client.get("/1")
