"""The area for uploads, and a file taken from it."""

from io import BytesIO

from flask import Flask, render_template_string, request
from flask_dropzone import Dropzone

app = Flask(__name__)
app.secret_key = "probe"
app.config["DROPZONE_SERVE_LOCAL"] = True
Dropzone(app)


@app.route("/", methods=["GET", "POST"])
def index():
    if request.method == "POST":
        return f"{request.files['file'].filename} {len(request.files['file'].read())}"
    page = "{{ dropzone.load_css() }}{{ dropzone.create(action='index') }}{{ dropzone.load_js() }}{{ dropzone.config() }}"
    return render_template_string(page)


def talk(client):
    client.get("/")
    client.post("/", data={"file": (BytesIO(b"bytes"), "a.txt")})
    client.note("script", client.client.get("/dropzone/static/dropzone.min.js").status)
