"""Passwords are hashed and checked in a view."""

from flask import Flask
from flask_argon2 import Argon2

app = Flask(__name__)
argon2 = Argon2(app)


@app.get("/<password>")
def check(password):
    kept = argon2.generate_password_hash("right")
    return str(argon2.check_password_hash(kept, password))


def talk(client):
    client.get("/right")
    client.get("/wrong")
