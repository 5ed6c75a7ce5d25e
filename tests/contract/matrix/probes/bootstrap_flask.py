"""A form, a table and messages with Bootstrap 5's macros."""

from flask import Flask, flash, render_template_string
from flask_bootstrap import Bootstrap5
from flask_wtf import FlaskForm
from wtforms import StringField, SubmitField

HIDE = (r"session=[^;]+",)

app = Flask(__name__)
app.secret_key = "probe"
app.config["WTF_CSRF_ENABLED"] = False
Bootstrap5(app)
PAGE = """
{% from 'bootstrap5/form.html' import render_form %}{% from 'bootstrap5/table.html' import render_table %}
{% from 'bootstrap5/utils.html' import render_messages %}
{{ bootstrap.load_css() }}{{ render_messages() }}{{ render_form(form) }}{{ render_table(rows) }}{{ bootstrap.load_js() }}
"""


class Form(FlaskForm):
    name = StringField("Name")
    send = SubmitField()


@app.route("/", methods=["GET", "POST"])
def index():
    form = Form()
    if form.validate_on_submit():
        flash(f"Hello, {form.name.data}", "success")
    return render_template_string(PAGE, form=form, rows=[{"id": 1, "name": "Ada"}])


def talk(client):
    client.get("/")
    client.post("/", data={"name": "Ada"})
