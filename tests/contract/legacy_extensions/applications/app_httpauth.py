"""Flask-HTTPAuth 3.3: basic, digest and token authentication, several at once, errors of one's own."""

import hashlib
import re
from base64 import b64encode

from flask import Flask, jsonify
from flask_httpauth import HTTPBasicAuth, HTTPDigestAuth, HTTPTokenAuth, MultiAuth
from werkzeug.security import check_password_hash, generate_password_hash

from asking import Report

app = Flask(__name__)
app.config["SECRET_KEY"] = "for the test"
basic, digest, token = (
    HTTPBasicAuth(),
    HTTPDigestAuth(use_ha1_pw=False),
    HTTPTokenAuth(scheme="Bearer", realm="mine"),
)
plain = HTTPBasicAuth()
multiple = MultiAuth(basic, token)
USERS = {"ada": generate_password_hash("notes", "pbkdf2:sha256:1000")}


@basic.verify_password
def verify(name, password):
    return name in USERS and check_password_hash(USERS[name], password)


@digest.get_password
@plain.get_password
def password(name):
    return {"ada": "notes"}.get(name)


@plain.error_handler
def refused():
    return jsonify(error="refused"), 403


@token.verify_token
def verify_token(value):
    return value == "secret-token"


@app.route("/basic")
@basic.login_required
def basic_view():
    return basic.username()


@app.route("/plain")
@plain.login_required
def plain_view():
    return plain.username()


@app.route("/digest")
@digest.login_required
def digest_view():
    return digest.username()


@app.route("/token")
@token.login_required
def token_view():
    return "token"


@app.route("/multiple")
@multiple.login_required
def multiple_view():
    return "one of them"


def basic_header(name, password):
    return {"Authorization": "Basic " + b64encode((name + ":" + password).encode()).decode()}


def digest_header(challenge, password):
    def md5(*parts):
        return hashlib.md5(":".join(parts).encode()).hexdigest()

    told = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    answer = md5(md5("ada", told["realm"], password), told["nonce"], md5("GET", "/digest"))
    return {
        "Authorization": 'Digest username="ada", realm="%s", nonce="%s", uri="/digest", response="%s", opaque="%s"'
        % (told["realm"], told["nonce"], answer, told["opaque"])
    }


report = Report(app, headers=("WWW-Authenticate",), hide=())
report.headers = ("WWW-Authenticate",)
report.get("/basic")
report.get("/basic", headers=basic_header("ada", "notes"))
report.get("/basic", headers=basic_header("ada", "wrong"))
report.get("/basic", headers={"Authorization": "Basic nonsense"})
report.get("/plain")
report.get("/plain", headers=basic_header("ada", "notes"))
report.get("/token")
report.get("/token", headers={"Authorization": "Bearer secret-token"})
report.get("/token", headers={"Authorization": "bearer secret-token"})
report.get("/token", headers={"Authorization": "Bearer"})
report.get("/token", headers={"Authorization": "Other secret-token"})
report.get("/multiple", headers={"Authorization": "Bearer secret-token"})
report.get("/multiple", headers=basic_header("ada", "notes"))
report.get("/multiple")
report.headers = ()
challenge = report.get("/digest").headers["WWW-Authenticate"]
report.note("challenge", sorted(re.findall(r'(\w+)="', challenge)))
report.get("/digest", headers=digest_header(challenge, "notes"))
report.get("/digest", headers=digest_header(challenge, "wrong"))
report.show()
