"""A client in the application's own name, made lazily."""

from flask import Flask
from flask_redis import FlaskRedis

app = Flask(__name__)
app.config["REDIS_URL"] = "redis://127.0.0.1:9/3"
store = FlaskRedis(app)


@app.get("/")
def index():
    try:
        store.get("key")
    except Exception as error:
        return f"{type(error).__name__} {store.connection_pool.connection_kwargs['db']}"
    return "connected"


def talk(client):
    client.get("/")
