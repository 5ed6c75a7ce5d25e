"""A set of uploads takes some files, refuses others, and serves them."""

from pathlib import Path

from flask import Flask, request
from flask_uploads import IMAGES, UploadNotAllowed, UploadSet, configure_uploads

HIDE = (r"\d+\.\d+-\d+-\d+", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")

app = Flask(__name__)
app.config.update(UPLOADED_PHOTOS_DEST=str(Path("photos").resolve()), UPLOADS_AUTOSERVE=True)
photos = UploadSet("photos", IMAGES)
configure_uploads(app, photos)


@app.post("/")
def upload():
    try:
        return {"name": photos.save(request.files["photo"]), "many": len(request.files)}
    except UploadNotAllowed:
        return "refused", 415


def talk(client):
    from io import BytesIO

    client.post("/", data={"photo": (BytesIO(b"png"), "a.png")})
    client.post("/", data={"photo": (BytesIO(b"png"), "a.png")})
    client.post("/", data={"photo": (BytesIO(b"exe"), "a.exe")})
    client.get("/_uploads/photos/a.png")
    client.get("/_uploads/photos/b.png")
