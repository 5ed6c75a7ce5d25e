from flask import Flask, make_response, request
from werkzeug.datastructures import Headers

app = Flask(__name__)


@app.route("/set/<name>")
def set_name(name):
    response = make_response("cookie")
    response.set_cookie("name", name)
    response.headers["X-Own"] = "own"
    response.status = "201 Made"
    response.mimetype = "text/plain"
    return response


@app.route("/get")
def get_name():
    return request.cookies.get("name", "nobody")


@app.route("/attributes")
def attributes():
    response = make_response("a", 202)
    return {
        "header": isinstance(response.headers, Headers),
        "status": response.status,
        "status_code": response.status_code,
        "mimetype": response.mimetype,
    }
