"""A form with a token is shown, refused without its token, and taken with it."""

import re

from flask import Flask, render_template_string
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import EmailField, StringField
from wtforms.validators import DataRequired, Length

HIDE = (r'value="[\w.-]{60,}"', r"session=[^;]+")

app = Flask(__name__)
app.secret_key = "probe"
CSRFProtect(app)


class Signup(FlaskForm):
    name = StringField("Name", validators=[DataRequired(), Length(max=5)])
    email = EmailField("Email")


@app.route("/", methods=["GET", "POST"])
def signup():
    form = Signup()
    if form.validate_on_submit():
        return f"Welcome, {form.name.data}."
    page = "<form>{{ form.csrf_token }}{{ form.name() }}{{ form.email() }}{{ form.errors }}</form>"
    return render_template_string(page, form=form)


@app.post("/plain")
def plain():
    return "taken"


def talk(client):
    page = client.get("/").text
    token = re.search(r'csrf_token[^>]*value="([^"]+)"', page)[1]
    client.post("/", data={"name": "Ada"})
    client.post("/", data={"name": "Ada", "csrf_token": token})
    client.post("/", data={"name": "too long", "csrf_token": token})
    client.post("/plain", headers={"X-CSRFToken": token})
    client.post("/plain")
