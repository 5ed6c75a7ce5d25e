"""The pages of Swagger UI, as a blueprint."""

from flask import Flask
from flask_swagger_ui import get_swaggerui_blueprint

HIDE = (r"\d+\.\d+-\d+-\d+", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")

app = Flask(__name__)
app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json", config={"app_name": "Probe"}))


@app.get("/openapi.json")
def document():
    return {"openapi": "3.0.3"}


def talk(client):
    client.get("/docs/")
    client.get("/docs/index.css")
    client.get("/docs/none.js")
    client.get("/openapi.json")
