"""The page of Scalar for a documented API, as a plugin of Flask-OpenAPI3."""

from flask_openapi3 import Info, OpenAPI

app = OpenAPI(__name__, info=Info(title="Probe", version="1"))


@app.get("/things", summary="all")
def things():
    return []


def talk(client):
    client.get("/things")
    client.get("/openapi/scalar")
    client.get("/openapi/")
