"""A page with the editor, its field, and an upload to it."""

from io import BytesIO

from flask import Flask, render_template_string, request
from flask_ckeditor import CKEditor, upload_fail, upload_success

app = Flask(__name__)
app.secret_key = "probe"
app.config.update(
    CKEDITOR_FILE_UPLOADER="upload", CKEDITOR_SERVE_LOCAL=True, CKEDITOR_ENABLE_CODESNIPPET=True
)
CKEditor(app)


@app.get("/")
def index():
    return render_template_string(
        "{{ ckeditor.load() }}{{ ckeditor.create() }}{{ ckeditor.config(name='body') }}"
    )


@app.post("/upload")
def upload():
    file = request.files["upload"]
    return (
        upload_success(url="/a.png", filename=file.filename)
        if file.filename == "a.png"
        else upload_fail("no image")
    )


def talk(client):
    client.get("/")
    client.post("/upload", data={"upload": (BytesIO(b"x"), "a.png")})
    client.post("/upload", data={"upload": (BytesIO(b"x"), "a.exe")})
    client.client.get("/ckeditor/static/basic/ckeditor.js")
