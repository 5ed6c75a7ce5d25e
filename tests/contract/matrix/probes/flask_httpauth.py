"""Basic, digest and token authentication, with roles, right and wrong."""

from flask import Flask
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth, MultiAuth

app = Flask(__name__)
app.secret_key = "probe"
basic, token = HTTPBasicAuth(), HTTPTokenAuth("Bearer")
both = MultiAuth(basic, token)


@basic.verify_password
def verify(name, password):
    return name if password == "right" else None


@basic.get_user_roles
def roles(user):
    return ["admin"] if user == "ada" else []


@token.verify_token
def known(value):
    return "robot" if value == "t" else None


@app.get("/basic")
@basic.login_required
def only_basic():
    return basic.current_user()


@app.get("/admin")
@basic.login_required(role="admin")
def admin():
    return "admin"


@app.get("/both")
@both.login_required
def either():
    return both.current_user()


def talk(client):
    for path in ("/basic", "/admin", "/both"):
        client.get(path)
        client.get(path, auth=("ada", "right"))
        client.get(path, auth=("bob", "right"))
        client.get(path, auth=("ada", "wrong"))
        client.get(path, headers={"Authorization": "Bearer t"})
