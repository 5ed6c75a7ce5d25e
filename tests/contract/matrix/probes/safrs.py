"""A JSON:API with its Swagger document, over Flask-SQLAlchemy."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from safrs import SAFRSAPI, SAFRSBase

HIDE = (
    r"\?page[^\"]*",
    r'"(host|basePath)": ?"[^"]*"',
)

app = Flask(__name__)
app.instance_path = "."
app.config.update(SQLALCHEMY_DATABASE_URI="sqlite:///safrs.db")
db = SQLAlchemy(app)


class User(SAFRSBase, db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)


with app.app_context():
    db.create_all()
    api = SAFRSAPI(app, host="localhost", port=80, prefix="/api")
    api.expose_object(User)
TYPE = {"Content-Type": "application/vnd.api+json"}


def talk(client):
    import json

    body = json.dumps({"data": {"type": "User", "attributes": {"name": "Ada"}}})
    client.post("/api/users/", data=body, headers=TYPE)
    client.get("/api/users/", headers=TYPE)
    client.get("/api/users/1/", headers=TYPE)
    client.get("/api/users/9/", headers=TYPE)
    client.note("swagger", client.client.get("/api/swagger.json").status)
