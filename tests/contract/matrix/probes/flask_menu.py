"""A menu whose items know which of them is active."""

from flask import Flask, render_template_string
from flask_menu import Menu, register_menu

app = Flask(__name__)
Menu(app=app)
PAGE = "{% for item in current_menu.children %}{{ item.text }} {{ item.url }} {{ item.active }};{% endfor %}"


@app.get("/")
@register_menu(app, ".home", "Home", order=0)
def home():
    return render_template_string(PAGE)


@app.get("/second")
@register_menu(app, ".second", "Second", order=1)
def second():
    return render_template_string(PAGE)


def talk(client):
    client.get("/")
    client.get("/second")
