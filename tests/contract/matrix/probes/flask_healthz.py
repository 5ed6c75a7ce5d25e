"""Health endpoints by functions that may raise."""

from flask import Flask
from flask_healthz import HealthError, Healthz

app = Flask(__name__)


def live():
    pass


def ready():
    raise HealthError("not yet")


app.config["HEALTHZ"] = {"live": live, "ready": ready}
Healthz(app)


def talk(client):
    client.get("/healthz/live")
    client.get("/healthz/ready")
    client.get("/healthz/other")
