"""Flask-Assets 0.12: bundles that are merged into files, their links by code and by the template tag."""

import tempfile
from pathlib import Path

from flask import Blueprint, Flask, render_template_string, url_for
from flask_assets import Bundle, Environment

from asking import Report

folder = tempfile.TemporaryDirectory()
for name, text in {
    "one.css": "body { color: red }\n",
    "two.css": "p { margin: 0 }\n",
    "a.js": "var a;\n",
}.items():
    Path(folder.name, name).write_text(text)
Path(folder.name, "shop").mkdir()
Path(folder.name, "shop", "cart.js").write_text("var cart;\n")

app = Flask(__name__, static_folder=folder.name, static_url_path="/static")
app.config["ASSETS_URL_EXPIRE"] = False
shop = Blueprint("shop", __name__, static_folder=folder.name + "/shop", static_url_path="/shop-static")
app.register_blueprint(shop)
assets = Environment(app)
assets.register("css", Bundle("one.css", "two.css", output="gen/all.css"))
assets.register("js", Bundle("a.js", "shop/cart.js", output="gen/all.js"))


def stamp(_in, out, **options):
    out.write("/* stamped */ " + _in.read())


assets.register("stamped", Bundle("one.css", filters=stamp, output="gen/stamped.css"))


@app.route("/")
def index():
    return render_template_string(
        "{% assets 'css' %}<link href='{{ ASSET_URL }}'>{% endassets %}"
        "{% assets 'a.js', output='gen/a.js' %}<script src='{{ ASSET_URL }}'></script>{% endassets %}"
    )


@app.route("/urls")
def urls():
    return " ".join(
        assets["js"].urls() + assets["stamped"].urls() + [url_for("shop.static", filename="cart.js")]
    )


@app.route("/debug")
def debug():
    assets.debug = True
    try:
        return " ".join(assets["css"].urls())
    finally:
        assets.debug = False


report = Report(app)
report.get("/")
report.get("/urls")
report.get("/debug")
report.get("/static/gen/all.css")
report.get("/static/gen/stamped.css")
report.get("/shop-static/cart.js", body=False)
report.note("directory", Path(assets.directory) == Path(folder.name))
report.show()
