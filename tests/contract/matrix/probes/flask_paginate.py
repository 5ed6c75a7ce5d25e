"""Links of pages, from the request's own arguments."""

from flask import Flask, render_template_string
from flask_paginate import Pagination, get_page_args, get_page_parameter

app = Flask(__name__)


@app.get("/things/<kind>")
def things(kind):
    page, per_page, offset = get_page_args()
    pagination = Pagination(
        page=page, total=95, per_page=per_page, record_name="things", css_framework="bootstrap5"
    )
    text = "{{ p.info }}{{ p.links }}"
    return render_template_string(text, p=pagination) + f"{get_page_parameter()} {offset}"


def talk(client):
    client.get("/things/red")
    client.get("/things/red?page=4&size=big")
