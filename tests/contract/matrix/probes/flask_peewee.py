"""A database and REST interface over Peewee."""

from flask import Flask
from flask_peewee.db import Database
from flask_peewee.rest import Authentication, RestAPI, RestResource, UserAuthentication
from peewee import CharField

app = Flask(__name__)
app.secret_key = "probe"
app.config["DATABASE"] = {"name": "peewee.db", "engine": "peewee.SqliteDatabase"}
db = Database(app)


class Note(db.Model):
    text = CharField()


class Open(Authentication):
    def authorize(self):
        return True


Note.create_table(safe=True)
api = RestAPI(app, default_auth=Open())
api.register(Note, RestResource)
api.setup()
assert UserAuthentication


def talk(client):
    client.post("/api/note/", json={"text": "shake"})
    client.get("/api/note/")
    client.get("/api/note/1/")
    client.get("/api/note/9/")
