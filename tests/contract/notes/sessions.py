from flask import Flask, redirect, session, url_for

app = Flask(__name__)
app.secret_key = "a secret of the notes"


@app.route("/")
def index():
    return session.get("user_name", "nobody")


@app.route("/login/<name>")
def login(name):
    session["user_name"] = name
    return redirect(url_for("index"))


@app.route("/logout")
def logout():
    session.pop("user_name", None)
    return redirect(url_for("index"))
