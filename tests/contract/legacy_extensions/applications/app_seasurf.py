"""Flask-SeaSurf 1.1.1: the token in form, header and cookie, exempt and included views, checks by hand."""

from flask import Flask, render_template_string, request
from flask_seasurf import SeaSurf

from asking import Report, find

app = Flask(__name__)
app.config.update(SECRET_KEY="for the test", CSRF_COOKIE_SAMESITE="Lax", CSRF_COOKIE_HTTPONLY=True)
csrf = SeaSurf(app)


@app.route("/")
def index():
    return render_template_string("<input value='{{ csrf_token() }}'>")


@app.route("/save", methods=["POST", "PUT"])
def save():
    return "saved " + request.form.get("name", "")


@csrf.exempt
@app.route("/hook", methods=["POST"])
def hook():
    return "hooked"


@app.route("/skip", methods=["POST"])
def skip():
    return "skipped"


@csrf.disable_cookie
def no_cookie(response):
    return request.path == "/bare"


@csrf.skip_validation
def no_check(request):
    return request.path == "/skip"


@app.route("/bare")
def bare():
    return "bare"


report = Report(app, hide=(r"(?<=value=.)\w+",), headers=("Vary",))
token = find(r"value='(\w+)'", report.get("/"))
report.post("/save", data={"name": "Ada"})
report.post("/save", data={"name": "Ada", "_csrf_token": "wrong"})
report.post("/save", data={"name": "Ada", "_csrf_token": token})
report.ask("PUT", "/save", headers={"X-CSRFToken": token})
report.post("/save", json={"_csrf_token": token})
report.post("/hook")
report.post("/skip")
report.get("/bare")
secure = {"base_url": "https://localhost", "data": {"_csrf_token": token}}
report.post("/save", **secure)
report.post("/save", headers={"Referer": "https://elsewhere/"}, **secure)
report.show()
