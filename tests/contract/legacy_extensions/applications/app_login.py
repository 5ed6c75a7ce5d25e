"""Flask-Login 0.4.1: login, a remembered user, a fresh login, a token in a header, logout, signals."""

from flask import Flask, flash, get_flashed_messages, redirect, request, session, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    confirm_login,
    current_user,
    fresh_login_required,
    login_fresh,
    login_required,
    login_user,
    logout_user,
    user_logged_in,
    user_logged_out,
    user_unauthorized,
)

from asking import Report

app = Flask(__name__)
app.secret_key = "for the test"
manager = LoginManager(app)
manager.login_view = "login"
manager.refresh_view = "again"
heard = []


class User(UserMixin):
    def __init__(self, name):
        self.id = name


USERS = {"ada": User("ada"), "bob": User("bob")}


@manager.user_loader
def load_user(name):
    return USERS.get(name)


@manager.request_loader
def load_from_request(request):
    return USERS.get(request.headers.get("X-Token", ""))


for signal in (user_logged_in, user_logged_out, user_unauthorized):
    signal.connect(lambda sender, signal=signal, **more: heard.append(signal.name), app, weak=False)


@app.route("/")
def index():
    who = current_user.get_id() if current_user.is_authenticated else "anonymous"
    return "%s %s %s" % (who, login_fresh(), get_flashed_messages())


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        done = login_user(USERS[request.form["name"]], remember="remember" in request.form)
        flash("welcome")
        return redirect(request.args.get("next") or url_for("index")) if done else ("no", 403)
    return "login form, next=%s" % request.args.get("next")


@app.route("/again")
def again():
    confirm_login()
    return "confirmed"


@app.route("/private")
@login_required
def private():
    return "for %s" % current_user.id


@app.route("/settings")
@fresh_login_required
def settings():
    return "settings"


@app.route("/logout")
@login_required
def logout():
    return str(logout_user())


@app.route("/forget")
def forget():
    session.clear()
    return "forgotten"


report = Report(app)
report.get("/")
report.get("/private?page=2")
report.get("/private", headers={"X-Token": "bob"})
report.get("/login?next=%2Fprivate")
report.post("/login?next=%2Fprivate", data={"name": "ada", "remember": "1"})
report.get("/")
report.get("/private")
report.get("/settings")
report.get("/forget")
report.get("/")
report.get("/settings")
report.get("/again")
report.get("/settings")
report.get("/private", headers={"User-Agent": "somebody else"})
report.get("/logout")
report.get("/private")
report.note("signals", heard)
report.show()
