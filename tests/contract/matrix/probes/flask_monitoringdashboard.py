"""The dashboard logs somebody in, and counts the requests of a view."""

import flask_monitoringdashboard as dashboard
from flask import Flask

HIDE = (
    r"session=[^;]+",
    r'value="[\w.-]{40,}"',
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?",
    r"\w{3}, \d\d \w{3} \d{4}[^<]*",
    r"security_token[^\"]*",
)

app = Flask(__name__)
app.secret_key = "probe"
dashboard.config.database_name = "sqlite:///dashboard.db"
dashboard.config.monitor_level = 1
dashboard.bind(app)


@app.get("/")
def index():
    return "plain"


def talk(client):
    client.get("/")
    client.note("login", client.client.get("/dashboard/login").status)
    client.get("/dashboard/overview")
    client.note(
        "in", client.client.post("/dashboard/login", data={"name": "admin", "password": "admin"}).status
    )
    client.note("overview", client.client.get("/dashboard/overview").status)
    client.get("/dashboard/api/info")
