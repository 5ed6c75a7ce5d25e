"""Its login form guards a view."""

import re

from flask import Flask
from flask_simplelogin import SimpleLogin, login_required

HIDE = (r"session=[^;]+", r'value="[\w.-]{40,}"')

app = Flask(__name__)
app.secret_key = "probe"
app.config.update(SIMPLELOGIN_USERNAME="ada", SIMPLELOGIN_PASSWORD="right")
SimpleLogin(app)


@app.get("/secret")
@login_required
def secret():
    return "secret"


@app.get("/basic")
@login_required(basic=True)
def basic():
    return {"basic": True}


def talk(client):
    client.get("/secret")
    page = client.get("/login/?next=/secret").text
    token = re.search(r'csrf_token"[^>]*value="([^"]+)"', page)
    form = {"username": "ada", "password": "right", **({"csrf_token": token[1]} if token else {})}
    client.post("/login/?next=/secret", data={**form, "password": "wrong"})
    client.post("/login/?next=/secret", data=form)
    client.get("/secret")
    client.get("/logout/")
    client.get("/basic", auth=("ada", "right"))
