"""Flask-Cors 3.0.8: for an application by paths, for one view, with credentials, preflights, patterns and errors."""

import re

from flask import Blueprint, Flask, jsonify
from flask_cors import CORS, cross_origin

from asking import Report

app = Flask(__name__)
api = Blueprint("api", __name__, url_prefix="/api")
CORS(
    app,
    resources={
        r"/v1/*": {"origins": ["https://a.example", re.compile(r"https://.*\.b\.example")], "max_age": 60},
        r"/v2/.*": {"origins": "*", "expose_headers": ["X-One", "X-Two"], "send_wildcard": True},
    },
)
CORS(api, supports_credentials=True, allow_headers=["X-Token"], methods=["GET", "PUT"])


@app.route("/v1/notes", methods=["GET", "POST"])
def notes():
    return jsonify([1])


@app.route("/v2/notes")
def more():
    return "v2"


@app.route("/one", methods=["GET", "OPTIONS"])
@cross_origin(origins="https://c.example", vary_header=False)
def one():
    return "one"


@app.route("/none")
def none():
    return "none"


@api.route("/things", methods=["GET", "PUT"])
def things():
    return "things"


@app.route("/v2/fails")
def fails():
    from flask import abort

    abort(418)


app.register_blueprint(api)
names = ["Origin", "Methods", "Headers", "Credentials"]
HEADERS = ["Access-Control-Allow-" + name for name in names]
HEADERS += ["Access-Control-Max-Age", "Access-Control-Expose-Headers", "Vary"]
report = Report(app, headers=HEADERS)
for origin in ("https://a.example", "https://x.b.example", "https://evil.example"):
    report.get("/v1/notes", headers={"Origin": origin})
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "X-Mine",
        "Origin": origin,
    }
    report.ask("OPTIONS", "/v1/notes", headers=asked)
    report.get("/one", headers={"Origin": origin})
    report.get("/api/things", headers={"Origin": origin})
    asked = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "X-Token",
        "Origin": origin,
    }
    report.ask("OPTIONS", "/api/things", headers=asked)
report.get("/v2/notes", headers={"Origin": "https://any.example"})
report.get("/v2/fails", headers={"Origin": "https://any.example"})
report.get("/v2/missing", headers={"Origin": "https://any.example"})
report.get("/none", headers={"Origin": "https://any.example"})
report.get("/v1/notes")
report.show()
