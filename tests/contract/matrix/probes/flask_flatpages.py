"""Markdown files with a heading of YAML are pages."""

from pathlib import Path

from flask import Flask, render_template_string
from flask_flatpages import FlatPages

Path("pages/sub").mkdir(parents=True, exist_ok=True)
Path("pages/hello.md").write_text("title: Hello\ndate: 2026-01-02\n\n**bold** text\n")
Path("pages/sub/more.md").write_text("title: More\n\n1. one\n2. two\n")

app = Flask(__name__)
app.config.update(FLATPAGES_ROOT=str(Path("pages").resolve()), FLATPAGES_EXTENSION=".md")
pages = FlatPages(app)


@app.get("/")
def index():
    return ", ".join(sorted(page.meta["title"] for page in pages))


@app.get("/<path:path>/")
def page(path):
    return render_template_string("{{ page.title }}: {{ page.html|safe }}", page=pages.get_or_404(path))


def talk(client):
    for path in ("/", "/hello/", "/sub/more/", "/none/"):
        client.get(path)
