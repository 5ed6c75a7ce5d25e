"""A migration is made and applied by commands, and a request uses the table."""

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.instance_path = "."
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///migrated.db"
db = SQLAlchemy(app)
Migrate(app, db)


class Thing(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40))


@app.get("/")
def count():
    return {"things": db.session.query(Thing).count()}


def talk(client):
    runner = app.test_cli_runner()
    for command in (["db", "init"], ["db", "migrate", "-m", "first"], ["db", "upgrade"]):
        client.note(" ".join(command), runner.invoke(args=command).exit_code)
    client.get("/")
    client.note("db current", runner.invoke(args=["db", "current"]).exit_code)
