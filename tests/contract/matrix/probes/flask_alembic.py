"""Migrations by the extension's Python interface, and a table used by a request."""

from flask import Flask
from flask_alembic import Alembic
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.instance_path = "."
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///alembic.db"
app.root_path = "."
db = SQLAlchemy(app)


class Thing(db.Model):
    id = db.Column(db.Integer, primary_key=True)


alembic = Alembic()
alembic.init_app(app)


@app.get("/")
def count():
    return str(db.session.query(Thing).count())


def talk(client):
    with app.app_context():
        alembic.revision("first")
        alembic.upgrade()
        client.note("differences", alembic.compare_metadata())
    client.get("/")
    client.note("command", app.test_cli_runner().invoke(args=["db", "--help"]).exit_code)
