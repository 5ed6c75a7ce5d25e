"""Flask-Via 2015.1.1: routes from a module, by functions, classes and a blueprint.

Its routes for Flask-RESTful and Flask-Admin need releases of these that Flask 3.1.3 does not take.
"""

from flask import Flask
from flask_via import Via

from asking import Report

app = Flask(__name__)
app.config["VIA_ROUTES_MODULE"] = "via_routes"
via = Via()
via.init_app(app)

report = Report(app, headers=("Allow",))
report.note(
    "rules", sorted((rule.rule, rule.endpoint, sorted(rule.methods)) for rule in app.url_map.iter_rules())
)
for path in ("/", "/hello/ada", "/notes", "/notes/4", "/inner/page"):
    report.get(path)
report.post("/notes")
report.ask("DELETE", "/notes")
report.show()
