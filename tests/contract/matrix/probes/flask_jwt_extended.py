"""A token in a header and one in a cookie, a fresh one asked for, a wrong and a missing one."""

from flask import Flask, jsonify
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt_identity,
    jwt_required,
    set_access_cookies,
)

HIDE = (r"ey[\w-]+\.[\w-]+\.[\w-]+", r"csrf_access_token=[^;]+", r"expires=[^;]+")

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = "a key that is long enough for this probe"
app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies"]
JWTManager(app)


@app.post("/login")
def login():
    token = create_access_token("ada")
    response = jsonify(token=token)
    set_access_cookies(response, token)
    return response


@app.get("/who")
@jwt_required()
def who():
    return {"who": get_jwt_identity()}


@app.get("/perhaps")
@jwt_required(optional=True)
def perhaps():
    return {"who": get_jwt_identity()}


@app.get("/fresh")
@jwt_required(fresh=True)
def fresh():
    return "fresh"


def talk(client):
    client.get("/who")
    client.get("/perhaps")
    token = client.post("/login").json["token"]
    client.get("/who")
    client.get("/fresh")
    client.client.delete_cookie("access_token_cookie")
    client.get("/who", headers={"Authorization": f"Bearer {token}"})
    client.get("/who", headers={"Authorization": "Bearer nonsense"})
