"""Addresses of resized images, signed."""

from flask import Flask, render_template_string
from flask_images import Images

app = Flask(__name__)
app.secret_key = "probe"
Images(app)


@app.get("/")
def index():
    return render_template_string("{{ resized_img_src('a.png', width=10, mode='crop') }}")


def talk(client):
    client.get("/")
    client.get("/imgsizer/none.png?w=10&s=x")
