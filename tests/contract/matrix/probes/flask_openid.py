"""The login view asks for an identity, and refuses one that cannot be found."""

from flask import Flask, g
from flask_openid import OpenID

HIDE = (r"session=[^;]+",)

app = Flask(__name__)
app.secret_key = "probe"
openid = OpenID(app, "store", safe_roots=[])


@app.route("/login", methods=["GET", "POST"])
@openid.loginhandler
def login():
    return f"{openid.get_next_url()} {openid.fetch_error()} {hasattr(g, 'user')}"


def talk(client):
    client.get("/login?next=/after")
    client.post("/login")
