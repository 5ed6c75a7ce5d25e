"""A JSON:API over SQLAlchemy: fetched, created, filtered, changed, deleted."""

from flask import Flask
from flask_restless import APIManager
from sqlalchemy import Column, Integer, Unicode, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

app = Flask(__name__)
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
session = scoped_session(sessionmaker(bind=engine))
Base = declarative_base()


class Person(Base):
    __tablename__ = "person"
    id = Column(Integer, primary_key=True)
    name = Column(Unicode)


Base.metadata.create_all(engine)
APIManager(app, session=session).create_api(Person, methods=["GET", "POST", "PATCH", "DELETE"])
TYPE = {"Accept": "application/vnd.api+json", "Content-Type": "application/vnd.api+json"}


def talk(client):
    import json

    body = json.dumps({"data": {"type": "person", "attributes": {"name": "Ada"}}})
    client.post("/api/person", data=body, headers=TYPE)
    client.get("/api/person", headers=TYPE)
    client.get("/api/person/1", headers=TYPE)
    client.get("/api/person/9", headers=TYPE)
    client.get('/api/person?filter[objects]=[{"name":"name","op":"eq","val":"Bob"}]', headers=TYPE)
    client.open("/api/person/1", method="DELETE", headers=TYPE)
