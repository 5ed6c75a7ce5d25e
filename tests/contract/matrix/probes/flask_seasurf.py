"""A form needs its token; one view is exempt."""

from flask import Flask, render_template_string
from flask_seasurf import SeaSurf

HIDE = (r"_csrf_token=[^;]+", r"session=[^;]+", r"expires=[^;]+", r"Expires=[^;]+")

app = Flask(__name__)
app.secret_key = "probe"
csrf = SeaSurf(app)


@app.route("/", methods=["GET", "POST"])
def index():
    return str(len(render_template_string("{{ csrf_token() }}")))


@csrf.exempt
@app.post("/open")
def everybody():
    return "open"


def talk(client):
    client.get("/")
    token = client.client.get_cookie("_csrf_token").value
    client.post("/", data={"_csrf_token": token})
    client.post("/", data={"_csrf_token": "wrong"})
    client.post("/")
    client.post("/open")
