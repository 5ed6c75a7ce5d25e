"""Flask-Talisman 0.7: HTTPS, the headers and policies, nonces in templates, settings for one view, cookies."""

from flask import Flask, render_template_string, session
from flask_talisman import ALLOW_FROM, Talisman

from asking import Report

app = Flask(__name__)
app.secret_key = "for the test"
talisman = Talisman(
    app,
    content_security_policy={"default-src": "'self'", "script-src": ["'self'", "cdn.example"]},
    content_security_policy_nonce_in=["script-src"],
    content_security_policy_report_uri="/report",
    feature_policy={"geolocation": "'none'"},
    referrer_policy="same-origin",
    strict_transport_security_preload=True,
)


@app.route("/")
def index():
    session["seen"] = 1
    return render_template_string("<script nonce='{{ csp_nonce() }}'></script>")


@app.route("/embed")
@talisman(
    frame_options=ALLOW_FROM,
    frame_options_allow_from="https://a.example",
    content_security_policy="default-src *",
)
def embed():
    return "embedded"


@app.route("/plain")
@talisman(force_https=False)
def plain():
    return "plain"


HEADERS = [
    "Content-Security-Policy",
    "X-Content-Security-Policy",
    "Feature-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Frame-Options",
    "X-XSS-Protection",
    "X-Content-Type-Options",
]


class Talking(Report):
    """Hides the nonces in headers, too."""

    def note(self, name, value):
        if isinstance(value, dict):
            value = {key: self.plain(told) if isinstance(told, str) else told for key, told in value.items()}
        super().note(name, value)


report = Talking(app, headers=HEADERS, hide=(r"(?<=nonce=')[\w-]+", r"(?<=nonce-)[\w-]+"))
for path in ("/", "/embed", "/plain", "/none"):
    report.get(path)
    report.get(path, base_url="https://localhost")
report.get("/", headers={"X-Forwarded-Proto": "https"})
report.show()
