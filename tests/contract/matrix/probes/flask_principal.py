"""Identities, needs and permissions by session, with a 403 and a signal."""

from flask import Flask
from flask_principal import (
    AnonymousIdentity,
    Identity,
    Permission,
    PermissionDenied,
    Principal,
    RoleNeed,
    UserNeed,
    identity_changed,
    identity_loaded,
)

app = Flask(__name__)
app.secret_key = "probe"
Principal(app)
admin = Permission(RoleNeed("admin"))


@identity_loaded.connect_via(app)
def load(sender, identity):
    identity.provides.add(UserNeed(identity.id))
    if identity.id == "ada":
        identity.provides.add(RoleNeed("admin"))


@app.get("/login/<name>")
def login(name):
    identity_changed.send(app, identity=Identity(name))
    return "in"


@app.get("/logout")
def logout():
    identity_changed.send(app, identity=AnonymousIdentity())
    return "out"


@app.get("/admin")
@admin.require(403)
def only_admin():
    return "admin"


@app.get("/part")
def part():
    with admin.require():
        return "part"


@app.errorhandler(PermissionDenied)
def denied(error):
    return "denied", 401


def talk(client):
    for path in (
        "/admin",
        "/login/bob",
        "/admin",
        "/part",
        "/login/ada",
        "/admin",
        "/part",
        "/logout",
        "/admin",
    ):
        client.get(path)
