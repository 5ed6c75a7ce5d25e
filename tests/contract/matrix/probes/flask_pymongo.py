"""A collection is made and used lazily; without a server a 404 of its own converter."""

from bson import ObjectId
from flask import Flask
from flask_pymongo import PyMongo

app = Flask(__name__)
mongo = PyMongo(app, "mongodb://127.0.0.1:9/probe", serverSelectionTimeoutMS=50)


@app.get("/<ObjectId:number>")
def one(number):
    return {"number": str(number), "collection": mongo.db.things.name}


@app.get("/json")
def as_json():
    return {"id": ObjectId("5f5f5f5f5f5f5f5f5f5f5f5f")}


def talk(client):
    client.get("/5f5f5f5f5f5f5f5f5f5f5f5f")
    client.get("/nonsense")
    client.get("/json")
