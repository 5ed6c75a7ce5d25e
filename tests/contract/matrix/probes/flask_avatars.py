"""Addresses of avatars, and a drawn one."""

from flask import Flask, render_template_string
from flask_avatars import Avatars, Identicon

app = Flask(__name__)
Avatars(app)
app.config["AVATARS_SAVE_PATH"] = "."


@app.get("/")
def index():
    return render_template_string(
        "{{ avatars.gravatar('0'*32) }} {{ avatars.robohash('ada') }} {{ avatars.default() }}"
    )


@app.get("/drawn")
def drawn():
    return {"files": Identicon().generate("ada")}


def talk(client):
    client.get("/")
    client.get("/drawn")
    client.client.get("/avatars/static/default/default_m.jpg")
