"""Files are merged into one bundle, whose address has a version."""

from pathlib import Path

from flask import Flask, render_template_string
from flask_assets import Bundle, Environment

Path("static").mkdir(exist_ok=True)
Path("static/a.css").write_text("a { color: red }\n")
Path("static/b.css").write_text("b { color: blue }\n")

app = Flask(__name__, static_folder=str(Path("static").resolve()))
assets = Environment(app)
assets.register("all", Bundle("a.css", "b.css", output="gen/all.css"))
HIDE = (r"\d+\.\d+-\d+-\d+", r"GMT", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d")


@app.get("/")
def index():
    return render_template_string("{% assets 'all' %}{{ ASSET_URL }}{% endassets %}")


def talk(client):
    address = client.get("/").text
    client.get(address)
