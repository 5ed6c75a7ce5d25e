"""A template draws a code as an address of data."""

from flask import Flask, render_template_string
from flask_qrcode import QRcode

app = Flask(__name__)
QRcode(app)


@app.get("/")
def index():
    return render_template_string("<img src='{{ qrcode('text', box_size=2) }}'>")


def talk(client):
    client.get("/")
