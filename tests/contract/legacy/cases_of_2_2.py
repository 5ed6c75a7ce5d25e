"""What Flask 2.2 still had. Each case says what it saw; both frameworks have to say the same.

python cases_of_2_2.py [wsgi|asgi]      on what `flask` is in this process; prints {case: what it saw}
"""

from __future__ import annotations

from running import case, client_of, tell

# isort: split

import flask
from flask import Blueprint, Flask, jsonify, request


def answer(app, view):
    app.add_url_rule("/", "view", view)
    response = client_of(app).get("/")
    return [response.status_code, response.get_data(as_text=True), response.mimetype]


class Encoder(flask.json.JSONEncoder):
    def default(self, o):
        return "encoded"


@case
def keys_for_json():
    configurations = (
        {},
        {"DEBUG": True},
        {"JSONIFY_PRETTYPRINT_REGULAR": True},
        {"JSONIFY_PRETTYPRINT_REGULAR": False, "DEBUG": True},
        {"JSON_SORT_KEYS": False},
        {"JSON_SORT_KEYS": True},
        {"JSON_AS_ASCII": False},
        {"JSONIFY_MIMETYPE": "x/y"},
    )
    seen = []
    for configuration in configurations:
        app = Flask("cases")
        app.config.update(configuration)
        seen.append(answer(app, lambda: jsonify(b="ü", a=[1])))
        with app.app_context():
            seen.append([jsonify().get_data(as_text=True), flask.json.dumps({"b": 1, "a": 2})])
    return [*seen, flask.json.dumps({"b": 1, "a": 2})]


@case
def encoders():
    app = Flask("cases")
    seen = [app.json_encoder.__name__, app.json_decoder.__name__, Blueprint("b", "x").json_encoder]
    app.json_encoder = Encoder
    return [*seen, answer(app, lambda: jsonify(object())), flask.json.dumps(object(), app=app)]


@case
def attributes():
    app = Flask("cases")
    seen = [app.env, app.propagate_exceptions, app.session_cookie_name, app.send_file_max_age_default]
    seen += [
        app.use_x_sendfile,
        app.templates_auto_reload,
        app.got_first_request,
        app.before_first_request_funcs,
    ]
    keys = ("ENV", "JSON_AS_ASCII", "JSON_SORT_KEYS", "JSONIFY_PRETTYPRINT_REGULAR", "JSONIFY_MIMETYPE")
    return [*seen, *(app.config[key] for key in keys)]


@case
def names():
    stacks = [flask._request_ctx_stack.top, flask._app_ctx_stack.top]
    return [*stacks, flask.Markup("<"), flask.escape("<"), flask.signals_available, flask.helpers.get_env()]


@case
def names_that_were_gone():
    gone = ["safe_join", "json_available", "helpers.total_seconds", "Config.from_json", "Flask.open_session"]
    gone += ["views.MethodViewType", "testing.make_test_environ_builder", "json.tojson_filter"]
    found = []
    for name in gone:
        value = flask
        for part in name.split("."):
            value = getattr(value, part, None)
        found.append(value is not None)
    return found


@case
def before_the_first_request():
    order = []
    app = Flask("cases")
    app.before_request(lambda: order.append("before"))
    app.before_first_request(lambda: order.append(f"first {request.path}"))
    blueprint = Blueprint("b", "x")
    blueprint.before_app_first_request(lambda: order.append("blueprint"))
    app.register_blueprint(blueprint)
    return [answer(app, lambda: ",".join(order)), client_of(app).get("/").get_data(as_text=True)]


@case
def tops_in_a_request():
    def view():
        flask._request_ctx_stack.top.mine = "mine"
        return flask._request_ctx_stack.top.mine + flask._app_ctx_stack.top.app.name

    return answer(Flask("cases"), view)


@case
def the_domain_of_the_session():
    app = Flask("cases")
    app.secret_key = "key"
    app.config["SERVER_NAME"] = "example.com"
    app.add_url_rule("/", "view", lambda: flask.session.update(a=1) or "")
    cookie = client_of(app).get("/", base_url="http://example.com").headers["Set-Cookie"].lower()
    return "domain=example.com" in cookie.replace("=.", "=")


if __name__ == "__main__":
    tell()
