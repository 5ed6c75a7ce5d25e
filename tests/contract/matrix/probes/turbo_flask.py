"""Turbo streams are answered where the browser takes them."""

from flask import Flask, render_template_string
from turbo_flask import Turbo

app = Flask(__name__)
app.secret_key = "probe"
turbo = Turbo(app)


@app.get("/")
def index():
    return render_template_string("{{ turbo() }}")


@app.post("/send")
def send():
    if turbo.can_stream():
        return turbo.stream([turbo.append("<li>a</li>", target="list"), turbo.remove("old")])
    return "page"


def talk(client):
    client.get("/")
    client.post("/send")
    client.post("/send", headers={"Accept": "text/vnd.turbo-stream.html, text/html"})
