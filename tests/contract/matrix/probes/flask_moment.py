"""Scripts and elements for times in the browser's zone."""

from datetime import datetime

from flask import Flask, render_template_string
from flask_moment import Moment

app = Flask(__name__)
Moment(app)


@app.get("/")
def index():
    page = "{{ moment.include_moment() }}{{ moment(when).format('LLL') }}{{ moment(when).fromNow(refresh=True) }}"
    return render_template_string(page, when=datetime(2026, 2, 3, 4, 5))


def talk(client):
    client.get("/")
