"""Somebody registers, logs in, reaches a page for members, and logs out."""

import re

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore, auth_required
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy

HIDE = (r"session=[^;]+", r'value="[\w.-]{40,}"', r"remember_token=[^;]+", r"[Ee]xpires=[^;]+")

app = Flask(__name__)
app.instance_path = "."
app.config.update(
    SECRET_KEY="probe",
    SECURITY_PASSWORD_SALT="salt",
    SECURITY_PASSWORD_HASH="plaintext",
    SECURITY_PASSWORD_SCHEMES=["plaintext"],
    SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
    SECURITY_REGISTERABLE=True,
    SECURITY_SEND_REGISTER_EMAIL=False,
    SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
    SQLALCHEMY_DATABASE_URI="sqlite:///security.db",
    WTF_CSRF_ENABLED=False,
)
db = SQLAlchemy(app)
fsqla.FsModels.set_db_info(db)


class Role(db.Model, fsqla.FsRoleMixin):
    pass


class User(db.Model, fsqla.FsUserMixin):
    pass


Security(app, SQLAlchemyUserDatastore(db, User, Role))
with app.app_context():
    db.create_all()


@app.get("/members")
@auth_required()
def members():
    return "members"


def talk(client):
    person = {
        "email": "ada@example.org",
        "password": "a long password",
        "password_confirm": "a long password",
    }
    client.get("/members")
    client.note("form", bool(re.search("password", client.client.get("/login").text)))
    client.post("/register", data=person)
    client.post("/logout")
    client.post("/login", json={"email": "ada@example.org", "password": "wrong"})
    client.post("/login", data=person)
    client.get("/members")
