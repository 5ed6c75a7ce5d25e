"""Flask-Classy 0.6.10: a class's methods as routes, prefixes, decorators, wrappers, representations, subdomains."""

import functools

from flask import Blueprint, Flask, json, make_response, url_for
from flask_classy import FlaskView, route

from asking import Report

app = Flask(__name__)


def shout(function):
    @functools.wraps(function)
    def shouting(*args, **kwargs):
        return function(*args, **kwargs).upper()

    return shouting


class NotesView(FlaskView):
    route_prefix = "/v1"

    def index(self):
        return "all notes"

    def get(self, id):
        return "note " + id

    def post(self):
        return "posted", 201

    def delete(self, id):
        return "deleted " + id

    @route("/latest/")
    @route("/newest/<int:count>", endpoint="newest")
    def latest(self, count=1):
        return "latest %d, %s" % (count, url_for("NotesView:get", id=7))

    def search(self, word, page=2):
        return "%s on page %s" % (word, page)

    @shout
    def loud(self):
        return "quiet"

    def before_get(self, id):
        if id == "0":
            return "refused", 403

    def after_index(self, response):
        response.headers["X-Index"] = "yes"
        return response

    def _hidden(self):
        return "hidden"


class BaseView(FlaskView):
    decorators = [shout]
    representations = {
        "application/json": lambda data, code, headers: make_response(json.dumps(data), code, headers)
    }

    def before_request(self, name, **arguments):
        self.note = name


class WordsView(BaseView):
    route_base = "/words/<language>"

    def index(self, language):
        return "words of %s by %s" % (language, self.note)


blueprint = Blueprint("old", __name__)


class ThingsView(FlaskView):
    def get(self, id):
        return url_for("old.ThingsView:get", id=id)


NotesView.register(app)
WordsView.register(app)
ThingsView.register(blueprint, route_base="/stuff/")
app.register_blueprint(blueprint, url_prefix="/old")

report = Report(app, headers=("X-Index",))
report.note(
    "rules", sorted((rule.rule, rule.endpoint, sorted(rule.methods)) for rule in app.url_map.iter_rules())
)
for path in ("", "5", "0", "latest/", "newest/3", "search/ada", "search/ada/4", "loud/", "_hidden/"):
    report.get("/v1/notes/" + path)
report.post("/v1/notes/")
report.ask("DELETE", "/v1/notes/5")
report.ask("PUT", "/v1/notes/5")
report.get("/words/french/")
report.get("/old/stuff/9")
report.show()
