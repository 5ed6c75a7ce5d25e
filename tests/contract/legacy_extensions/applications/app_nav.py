"""Flask-Nav 0.6: navigation with views, links, groups and separators, renderers, registration of functions."""

from dominate import tags
from flask import Flask, render_template_string
from flask_nav import Nav, register_renderer
from flask_nav.elements import Link, Navbar, RawTag, Separator, Subgroup, Text, View
from flask_nav.renderers import Renderer

from asking import Report

app = Flask(__name__)
nav = Nav()


@nav.navigation()
def top():
    return Navbar(
        "Site",
        View("Home", "index"),
        Subgroup(
            "More", View("Page 2", "page", number=2), Separator(), Link("Out", "https://example.com/?a=1&b=2")
        ),
        Text("plain <text>"),
    )


nav.register_element("side", Navbar("Side", View("Page 3", "page", number=3)))


class Short(Renderer):
    def visit_Navbar(self, node):
        return tags.p([self.visit(item) for item in node.items])

    def visit_View(self, node):
        return tags.a(node.text, href=node.get_url())

    def visit_Subgroup(self, node):
        return tags.b(node.title)

    def visit_Text(self, node):
        return tags.i(node.text)


nav.init_app(app)
register_renderer(app, "short", Short)


@app.route("/")
def index():
    return render_template_string("{{ nav.top.render() }}|{{ nav.side.render(class_='side') }}")


@app.route("/page/<int:number>")
def page(number):
    return render_template_string("{{ nav.top.render(renderer='short') }}{{ nav.top.render() }}")


report = Report(app)
report.get("/")
report.get("/page/2")
report.get("/page/3?x=1")
report.note("raw", RawTag("x").content)
report.show()
