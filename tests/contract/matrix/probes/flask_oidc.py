"""A page for members sends the browser to the provider."""

import json
from pathlib import Path

from flask import Flask
from flask_oidc import OpenIDConnect

HIDE = (r"state=[\w-]+", r"nonce=[\w-]+", r"session=[^;]+")
SECRETS = {
    "web": {
        "client_id": "c",
        "client_secret": "s",
        "auth_uri": "https://a.example/auth",
        "token_uri": "https://a.example/token",
        "userinfo_uri": "https://a.example/userinfo",
        "issuer": "https://a.example/",
        "redirect_uris": ["http://localhost/authorize"],
    }
}
Path("secrets.json").write_text(json.dumps(SECRETS))

app = Flask(__name__)
app.secret_key = "probe"
app.config.update(OIDC_CLIENT_SECRETS="secrets.json", OIDC_SERVER_METADATA_URL=None)
oidc = OpenIDConnect(app)


@app.get("/")
def index():
    return "in" if oidc.user_loggedin else "out"


@app.get("/members")
@oidc.require_login
def members():
    return "members"


@app.get("/api")
@oidc.accept_token()
def api():
    return "api"


def talk(client):
    client.get("/")
    client.get("/members")
    client.get("/api")
    client.get("/logout")
