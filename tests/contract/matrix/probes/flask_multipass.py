"""A login by a static provider, for a page that asks for it."""

from flask import Flask, session
from flask_multipass import Multipass

HIDE = (r"session=[^;]+", r'value="[\w.-]{40,}"')

app = Flask(__name__)
app.secret_key = "probe"
app.config.update(
    MULTIPASS_LOGIN_FORM_TEMPLATE=None,
    MULTIPASS_AUTH_PROVIDERS={"test": {"type": "static", "title": "Test", "identities": {"ada": "right"}}},
    MULTIPASS_IDENTITY_PROVIDERS={
        "test": {"type": "static", "identities": {"ada": {"email": "ada@example.org"}}}
    },
    MULTIPASS_PROVIDER_MAP={"test": "test"},
    MULTIPASS_SUCCESS_ENDPOINT="index",
)
multipass = Multipass(app)


@multipass.identity_handler
def handle(identity):
    session["who"] = identity.identifier


@app.get("/")
def index():
    return session.get("who", "nobody")


def talk(client):
    client.get("/")
    client.client.get("/logout")
    client.note("rules", sorted(str(rule) for rule in app.url_map.iter_rules()))
