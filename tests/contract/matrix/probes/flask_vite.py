"""The tags of Vite's scripts, in development."""

from flask import Flask, render_template_string
from flask_vite import Vite

app = Flask(__name__)
app.config["VITE_AUTO_INSERT"] = True
app.debug = True
Vite(app)


@app.get("/")
def index():
    return render_template_string("<html><head></head><body>{{ vite_tags() }}</body></html>")


def talk(client):
    client.get("/")
