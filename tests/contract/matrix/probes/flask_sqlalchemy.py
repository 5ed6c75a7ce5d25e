"""Rows are written by one request and read by the next, paginated, and counted with `first_or_404`."""

from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///rows.db"
app.instance_path = "."
db = SQLAlchemy(app)


class Town(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), unique=True, nullable=False)


with app.app_context():
    db.create_all()


@app.post("/towns")
def add():
    db.session.add(Town(name=request.form["name"]))
    db.session.commit()
    return "", 201


@app.get("/towns")
def towns():
    page = db.paginate(db.select(Town).order_by(Town.name), per_page=2)
    return jsonify(names=[town.name for town in page], pages=page.pages, total=page.total)


@app.get("/towns/<int:number>")
def town(number):
    return db.get_or_404(Town, number).name


def talk(client):
    for name in ("Jena", "Kiel", "Ulm"):
        client.post("/towns", data={"name": name})
    client.get("/towns")
    client.get("/towns?page=2")
    client.get("/towns?page=7")
    client.get("/towns/1")
    client.get("/towns/99")
