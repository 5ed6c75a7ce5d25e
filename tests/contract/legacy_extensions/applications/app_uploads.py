"""Flask-Uploads 0.2.1: sets of files with what they allow, names, conflicts, links, and files served."""

import io
import tempfile

from flask import Flask, jsonify, request
from flask_uploads import (
    IMAGES,
    AllExcept,
    UploadNotAllowed,
    UploadSet,
    configure_uploads,
    patch_request_class,
)

from asking import Report

folder = tempfile.TemporaryDirectory()
app = Flask(__name__)
app.config["UPLOADS_DEFAULT_DEST"] = folder.name
photos = UploadSet("photos", IMAGES)
papers = UploadSet("papers", AllExcept(("exe",)), default_dest=lambda app: folder.name + "/elsewhere")
configure_uploads(app, (photos, papers))
patch_request_class(app, 2048)


@app.route("/photos", methods=["POST"])
def upload():
    name = photos.save(
        request.files["photo"], folder=request.form.get("folder"), name=request.form.get("name")
    )
    return jsonify(name=name, url=photos.url(name), path=photos.path(name).replace(folder.name, ""))


@app.route("/papers", methods=["POST"])
def paper():
    try:
        return papers.url(papers.save(request.files["paper"]))
    except UploadNotAllowed:
        return "not allowed", 415


def file(name, size=4):
    return (io.BytesIO(b"x" * size), name)


report = Report(app)
report.post("/photos", data={"photo": file("../my photo.png")})
report.post("/photos", data={"photo": file("my photo.png")})
report.post("/photos", data={"photo": file("me.jpg"), "folder": "people", "name": "ada."})
report.post("/papers", data={"paper": file("report.pdf")})
report.post("/papers", data={"paper": file("virus.exe")})
report.post("/papers", data={"paper": file("large.pdf", 5000)})
report.get("/_uploads/photos/my_photo.png")
report.get("/_uploads/photos/people/ada.jpg")
report.get("/_uploads/papers/none.pdf")
report.get("/_uploads/other/none.pdf")
with app.test_request_context():
    report.note("path", photos.path("me.png").replace(folder.name, ""))
    report.note("configuration", sorted(app.upload_set_config))
report.show()
