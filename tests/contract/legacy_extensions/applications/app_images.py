"""Flask-Images 3.0.2: signed links to images that are resized when asked for, in three modes, with a cache."""

import io
import os
import tempfile

from flask import Flask, render_template_string, url_for
from flask_images import Images, resized_img_size, resized_img_src
from PIL import Image

from asking import Report

folder = tempfile.TemporaryDirectory()
picture = os.path.join(folder.name, "red.png")
Image.new("RGB", (80, 40), "red").save(picture)
os.utime(picture, (1586692000, 1586692000))

app = Flask(__name__)
app.config.update(
    SECRET_KEY="for the test", IMAGES_PATH=[folder.name], IMAGES_CACHE=os.path.join(folder.name, "cache")
)
images = Images(app)
links = {}


@app.route("/")
def index():
    return render_template_string(
        "<img src='{{ resized_img_src('red.png', width=20, mode='crop') }}'"
        " {{ resized_img_size('red.png', width=20).height }}>{{ url_for('images', filename='red.png', height=10) }}"
    )


@app.route("/links")
def make_links():
    links["fit"] = resized_img_src("red.png", width=20, height=20, mode="fit")
    links["crop"] = resized_img_src("red.png", width=20, height=20, mode="crop", quality=50)
    links["pad"] = resized_img_src("red.png", width=20, height=20, mode="pad", background="#00ff00")
    links["jpg"] = url_for("images.crop", filename="red.png", width=10, height=10, format="jpeg")
    links["external"] = resized_img_src("red.png", external=True, scheme="https", width=5)
    return (
        " ".join("%s %s" % item for item in sorted(links.items()))
        + " %s" % resized_img_size("red.png", height=10).width
    )


@app.route("/refused")
def refused():
    try:
        return resized_img_src("../secret.png")
    except ValueError as error:
        return str(error)


report = Report(app, headers=("Cache-Control",))
report.get("/")
report.get("/links")
report.get("/refused")
for name in ("fit", "crop", "pad", "jpg"):
    answer = report.get(links[name], body=False)
    image = Image.open(io.BytesIO(answer.get_data()))
    report.note(name, [image.size, image.format, image.convert("RGB").getpixel((0, 0))])
    answer.close()
report.get(links["fit"], headers={"If-Modified-Since": "Sun, 12 Apr 2020 20:00:00 GMT"})
report.get(links["fit"] + "x")
report.get("/imgsizer/none.png?w=1&s=nothing")
report.note("kept", len(os.listdir(app.config["IMAGES_CACHE"])) > 0)
report.show()
