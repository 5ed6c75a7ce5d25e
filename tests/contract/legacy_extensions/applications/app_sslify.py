"""Flask-SSLify 0.1.5: redirects to HTTPS, paths that are left out, the header that tells browsers to stay."""

from flask import Flask
from flask_sslify import SSLify

from asking import Report


def make_application(**options):
    app = Flask(__name__)
    SSLify(app, **options)
    app.add_url_rule("/", "index", lambda: "index")
    app.add_url_rule("/plain/page", "page", lambda: "page", methods=["GET", "POST"])
    return app


for options in ({}, {"age": 300, "subdomains": True, "permanent": True, "skips": ["plain"]}):
    report = Report(make_application(**options), headers=("Strict-Transport-Security",))
    report.get("/?a=1")
    report.get("/", base_url="https://localhost")
    report.get("/", headers={"X-Forwarded-Proto": "https"})
    report.get("/plain/page")
    report.post("/plain/page")
    report.get("/none", base_url="https://localhost")
    report.client.application.debug = True
    report.get("/")
    report.show()
