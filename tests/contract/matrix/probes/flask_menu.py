"""A menu whose items know which of them is active."""

from flask import Flask, render_template_string
from flask_menu import Menu, current_menu

app = Flask(__name__)
Menu(app=app)
PAGE = "{% for item in current_menu.children %}{{ item.text }} {{ item.url }} {{ item.active }};{% endfor %}"


@app.get("/")
def home():
    return render_template_string(PAGE)


@app.get("/second")
def second():
    return render_template_string(PAGE)


with app.app_context():
    current_menu.submenu("home").register(endpoint="home", text="Home", order=0)
    current_menu.submenu("second").register(endpoint="second", text="Second", order=1)


def talk(client):
    client.get("/")
    client.get("/second")
