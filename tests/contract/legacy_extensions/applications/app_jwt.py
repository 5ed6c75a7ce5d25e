"""Flask-JWT 0.3.2: a token for a password, a view that needs it, and all the ways to be refused."""

from flask import Flask, jsonify
from flask_jwt import JWT, JWTError, current_identity, jwt_required

from asking import Report

app = Flask(__name__)
app.config["SECRET_KEY"] = "for the test, and long enough for a digest"


class User:
    def __init__(self, id, name, password):
        self.id, self.name, self.password = id, name, password


users = [User(1, "ada", "notes"), User(2, "bob", "builds")]


def authenticate(name, password):
    return next((user for user in users if (user.name, user.password) == (name, password)), None)


def identity(payload):
    return next((user for user in users if user.id == payload["identity"]), None)


jwt = JWT(app, authenticate, identity)


@app.route("/private")
@jwt_required()
def private():
    return jsonify(name=current_identity.name)


@app.route("/realm")
@jwt_required(realm="here")
def realm():
    return "in"


@app.route("/error")
def error():
    raise JWTError("Teapot", "short and stout", status_code=418)


report = Report(app, headers=("WWW-Authenticate",), hide=(r"eyJ[\w.-]+",))
report.get("/private")
report.get("/realm")
report.post("/auth", json={"username": "ada", "password": "wrong"})
report.post("/auth", json={"username": "ada"})
token = report.post("/auth", json={"username": "ada", "password": "notes"}).get_json()["access_token"]
report.get("/private", headers={"Authorization": "JWT " + token})
report.get("/private", headers={"Authorization": "JWT " + token.rpartition(".")[0] + ".AAAA"})
report.get("/private", headers={"Authorization": "Bearer " + token})
report.get("/private", headers={"Authorization": "JWT"})
report.get("/private", headers={"Authorization": "JWT a b"})
users.pop(0)
report.get("/private", headers={"Authorization": "JWT " + token})
report.get("/error")
report.show()
