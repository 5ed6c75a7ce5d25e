"""Somebody logs in with a cookie to remember, sees a page for members, and logs out."""

from flask import Flask, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user

HIDE = (r"remember_token=[^;]+", r"expires=[^;]+", r"[0-9a-f]{128}")

app = Flask(__name__)
app.secret_key = "probe"
manager = LoginManager(app)
manager.login_view = "login"


class Member(UserMixin):
    def __init__(self, name):
        self.id = name


@manager.user_loader
def load(name):
    return Member(name) if name == "ada" else None


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        login_user(Member(request.form["name"]), remember=True)
        return f"Hello, {current_user.id}."
    return "Who are you?"


@app.get("/members")
@login_required
def members():
    return f"Only for {current_user.id}."


@app.get("/logout")
def logout():
    logout_user()
    return str(current_user.is_anonymous)


def talk(client):
    client.get("/members")
    client.get("/members", follow_redirects=True)
    client.post("/login", data={"name": "ada"})
    client.get("/members")
    client.get("/logout")
    client.get("/members")
