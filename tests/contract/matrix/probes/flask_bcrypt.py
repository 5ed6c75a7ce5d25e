"""Passwords are hashed and checked in a view."""

from flask import Flask, request
from flask_bcrypt import Bcrypt

app = Flask(__name__)
app.config["BCRYPT_LOG_ROUNDS"] = 4
bcrypt = Bcrypt(app)
USERS = {}


@app.post("/users/<name>")
def sign_up(name):
    USERS[name] = bcrypt.generate_password_hash(request.form["password"])
    return f"{len(USERS[name])} bytes", 201


@app.post("/login/<name>")
def login(name):
    right = bcrypt.check_password_hash(USERS[name], request.form["password"])
    return "welcome" if right else ("no", 403)


def talk(client):
    client.post("/users/ada", data={"password": "engine"})
    client.post("/login/ada", data={"password": "engine"})
    client.post("/login/ada", data={"password": "motor"})
