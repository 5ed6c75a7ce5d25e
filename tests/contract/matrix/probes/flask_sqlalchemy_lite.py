"""A session per request, and engines by configuration."""

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = Flask(__name__, instance_path="/tmp")
app.config["SQLALCHEMY_ENGINES"] = {"default": "sqlite:////" + __import__("os").getcwd() + "/lite.db"}
db = SQLAlchemy(app)


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "row"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


with app.app_context():
    Base.metadata.create_all(db.engine)


@app.post("/<name>")
def add(name):
    db.session.add(Row(name=name))
    db.session.commit()
    return "", 201


@app.get("/")
def rows():
    return list(db.session.scalars(sa.select(Row.name)))


def talk(client):
    client.post("/a")
    client.post("/b")
    client.get("/")
