"""A documented API with schemas, pagination, ETags and its OpenAPI document."""

import marshmallow as ma
from flask import Flask
from flask.views import MethodView
from flask_smorest import Api, Blueprint, abort

app = Flask(__name__)
app.config.update(API_TITLE="Probe", API_VERSION="1", OPENAPI_VERSION="3.0.3", OPENAPI_URL_PREFIX="/")
app.config.update(OPENAPI_SWAGGER_UI_PATH="/ui", OPENAPI_SWAGGER_UI_URL="/static/")
api = Api(app)
blueprint = Blueprint("pets", __name__, url_prefix="/pets", description="Pets")
PETS = [{"id": 1, "name": "Cat"}, {"id": 2, "name": "Dog"}]


class Pet(ma.Schema):
    id = ma.fields.Int(dump_only=True)
    name = ma.fields.String(required=True)


@blueprint.route("/")
class Pets(MethodView):
    @blueprint.response(200, Pet(many=True))
    @blueprint.paginate(page_size=1)
    def get(self, pagination_parameters):
        pagination_parameters.item_count = len(PETS)
        return PETS[pagination_parameters.first_item : pagination_parameters.last_item + 1]

    @blueprint.arguments(Pet)
    @blueprint.response(201, Pet)
    def post(self, data):
        return {"id": 3, **data}


@blueprint.route("/<int:number>")
@blueprint.etag
@blueprint.response(200, Pet)
def pet(number):
    found = next((each for each in PETS if each["id"] == number), None)
    if found is None:
        abort(404, message="no such pet")
    return found


api.register_blueprint(blueprint)


def talk(client):
    client.get("/pets/?page=2")
    client.post("/pets/", json={"name": "Hen"})
    client.post("/pets/", json={"name": 1})
    etag = client.get("/pets/1").headers.get("ETag")
    client.get("/pets/1", headers={"If-None-Match": etag})
    client.get("/pets/9")
    client.get("/openapi.json")
    client.get("/ui")
