"""Flask-Menu 0.7.2: entries of views and blueprints, what is active and visible, a menu in a template."""

from flask import Blueprint, Flask, jsonify, render_template_string, request
from flask_menu import Menu, current_menu, register_menu

from asking import Report

app = Flask(__name__)
Menu(app)
shop = Blueprint("shop", __name__, url_prefix="/shop")

TEMPLATE = """{% for item in current_menu.children recursive %}<li{% if item.active %} class=on{% endif %}>
<a href="{{ item.url }}">{{ item.text }}</a>{% if item.children %}<ul>{{ loop(item.children) }}</ul>{% endif %}
</li>{% endfor %}"""


@app.route("/")
@register_menu(app, ".", "Home")
def index():
    return render_template_string(TEMPLATE)


@app.route("/second")
@register_menu(app, ".second", "Second", order=2, visible_when=lambda: "hide" not in request.args)
def second():
    return jsonify(
        children=[child.text for child in current_menu.children if child.visible],
        active=current_menu.submenu("second").active,
        below=current_menu.has_active_child(),
    )


def arguments():
    return {"number": request.view_args.get("number", 5)}


@shop.route("/things/<int:number>")
@register_menu(shop, ".first.things", "Things", order=1, endpoint_arguments_constructor=arguments, icon="box")
def things(number):
    entry = current_menu.submenu("first.things")
    return jsonify(url=entry.url, active=entry.active, icon=entry.icon)


@app.route("/late")
def late():
    item = current_menu.submenu("second.late")
    item.register("late", "Late", 3)
    return render_template_string(TEMPLATE)


app.register_blueprint(shop)
report = Report(app)
report.get("/")
report.get("/second")
report.get("/second?hide")
report.get("/shop/things/3")
report.get("/late")
report.show()
