"""Flask-Bootstrap 3.3.7.1: the base template, forms of WTForms, fields, pages, messages, its files and links."""

from flask import Flask, flash, render_template_string
from flask_bootstrap import Bootstrap
from wtforms import BooleanField, FileField, Form, PasswordField, RadioField, StringField, SubmitField
from wtforms.validators import DataRequired

from asking import Report

app = Flask(__name__)
app.config.update(SECRET_KEY="for the test", BOOTSTRAP_SERVE_LOCAL=True)
Bootstrap(app)

PAGE = """{% extends "bootstrap/base.html" %}{% import "bootstrap/wtf.html" as wtf %}
{% import "bootstrap/utils.html" as utils %}{% from "bootstrap/pagination.html" import render_pagination %}
{% block title %}Page{% endblock %}
{% block content %}{{ utils.flashed_messages() }}{{ wtf.quick_form(form, form_type="horizontal") }}
{{ wtf.form_field(form.name) }}{{ utils.icon("star") }}{{ utils.form_button("/go", "Go") }}
{{ render_pagination(pages, endpoint="index") }}{% endblock %}"""


class Profile(Form):
    name = StringField("Name", [DataRequired()], description="yours")
    password = PasswordField("Password")
    agree = BooleanField("Agree")
    colour = RadioField("Colour", choices=[("r", "red"), ("b", "blue")])
    picture = FileField("Picture")
    save = SubmitField("Save")

    def hidden_tag(self):
        """Stand for Flask-WTF's, which the templates call."""
        return ""


class Pages:
    page, pages, has_prev, has_next, prev_num, next_num = 2, 3, True, True, 1, 3

    def iter_pages(self):
        return [1, 2, None, 3]


@app.route("/")
def index():
    form = Profile(name="")
    form.validate()
    flash("saved", "success")
    return render_template_string(PAGE, form=form, pages=Pages())


@app.route("/links")
def links():
    return render_template_string(
        "{{ bootstrap_find_resource('css/bootstrap.css', cdn='bootstrap') }}"
        " {{ bootstrap_find_resource('jquery.js', cdn='jquery', use_minified=False) }}"
    )


@app.route("/links-elsewhere")
def elsewhere():
    app.config["BOOTSTRAP_SERVE_LOCAL"] = False
    return links()


report = Report(app)
report.get("/")
report.get("/links")
report.get("/links-elsewhere")
report.get("/static/bootstrap/css/bootstrap.min.css", body=False)
report.show()
