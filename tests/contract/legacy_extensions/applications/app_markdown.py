"""Flask-Markdown 0.3: the filter, with extensions of Markdown's and one's own, beside escaped text."""

from flask import Flask, render_template_string
from flaskext.markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from asking import Report

app = Flask(__name__)
markdown = Markdown(app, extensions=["footnotes", "tables"], output_format="html")


class Shouting(Preprocessor):
    def run(self, lines):
        return [line.replace("!!", "**!**") for line in lines]


@markdown.extend()
class Shout(Extension):
    def extendMarkdown(self, md, md_globals=None):
        md.preprocessors.register(Shouting(md), "shout", 25)


@app.route("/<name>")
def page(name):
    return render_template_string("{{ text|markdown }}{{ text }}", text=TEXTS[name])


TEXTS = {
    "plain": "# Title\n\n*important* & <b>bold</b>",
    "table": "a | b\n--- | ---\n1 | 2\n",
    "note": "text[^1]\n\n[^1]: the note",
    "shout": "loud!!",
}

report = Report(app)
for name in sorted(TEXTS):
    report.get("/" + name)
report.note("filter", type(app.jinja_env.filters["markdown"]).__name__)
report.show()
