"""Flask-Principal 0.4: identities in the session, needs and permissions, denials, loaders and savers of one's own."""

from collections import namedtuple
from functools import partial

from flask import Flask, g, jsonify, request, session
from flask_principal import (
    ActionNeed,
    AnonymousIdentity,
    Denial,
    Identity,
    Permission,
    PermissionDenied,
    Principal,
    RoleNeed,
    UserNeed,
    identity_changed,
    identity_loaded,
)

from asking import Report

app = Flask(__name__)
app.secret_key = "for the test"
principal = Principal(app, skip_static=True)
PostNeed = namedtuple("PostNeed", ["method", "value"])
EditPost = partial(PostNeed, "edit")
admin = Permission(RoleNeed("admin"))
either = Permission(RoleNeed("admin"), RoleNeed("editor"))
loaded = []


@principal.identity_loader
def from_header():
    if "X-User" in request.headers:
        return Identity(request.headers["X-User"])


@identity_loaded.connect_via(app)
def provide(sender, identity):
    loaded.append(str(identity.id))
    identity.provides.add(UserNeed(identity.id))
    if identity.id == "ada":
        identity.provides.update([RoleNeed("admin"), ActionNeed("publish"), EditPost(1)])


@app.route("/login/<name>")
def login(name):
    identity_changed.send(app, identity=Identity(name))
    return "in"


@app.route("/logout")
def logout():
    for key in ("identity.name", "identity.auth_type"):
        session.pop(key, None)
    identity_changed.send(app, identity=AnonymousIdentity())
    return "out"


@app.route("/admin")
@admin.require(403)
def admin_page():
    return "admin"


@app.route("/posts/<int:number>")
def post(number):
    with Permission(EditPost(number)).require():
        return "editing %d" % number


@app.route("/can")
def can():
    return jsonify(
        name=g.identity.id,
        admin=admin.can(),
        either=either.can(),
        publish=Permission(ActionNeed("publish")).can(),
        denied=Denial(RoleNeed("admin")).can(),
        union=admin.union(either).can(),
        difference=either.difference(admin).can(),
        within=admin.issubset(either),
    )


@app.errorhandler(PermissionDenied)
def denied(error):
    return "denied %s" % type(error.args[0]).__name__, 403


report = Report(app)
for path in (
    "/can",
    "/admin",
    "/posts/1",
    "/login/ada",
    "/can",
    "/admin",
    "/posts/1",
    "/posts/2",
    "/logout",
    "/can",
):
    report.get(path)
report.get("/can", headers={"X-User": "bob"})
report.get("/admin", headers={"X-User": "ada"})
report.note("loaded", loaded)
report.show()
