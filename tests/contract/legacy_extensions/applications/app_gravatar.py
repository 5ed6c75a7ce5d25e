"""Flask-Gravatar 0.5: the filter with its settings, by the application's configuration and by arguments."""

from flask import Flask, render_template_string
from flask_gravatar import Gravatar

from asking import Report

app = Flask(__name__)
app.config["GRAVATAR_SIZE"] = 50
gravatar = Gravatar(app, rating="g", default="retro", use_ssl=None)

other = Flask("other")
Gravatar(
    other, size=100, rating="pg", default="identicon", force_default=True, force_lower=True, use_ssl=True
)


@app.route("/")
@other.route("/")
def index():
    return render_template_string(
        "<img src=\"{{ 'Ada@Example.com'|gravatar }}\"> {{ 'ada@example.com'|gravatar(size=20, rating='x') }}"
    )


@app.route("/code")
def code():
    return gravatar(
        "bob@example.com", default="monsterid", force_lower=True, base_url="https://avatars.example/"
    )


report = Report(app)
report.get("/")
report.get("/", base_url="https://localhost")
report.get("/code")
report.note("other", other.test_client().get("/").get_data(as_text=True))
report.show()
