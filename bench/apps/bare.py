"""No framework: the least that answers. For templates, Jinja2 alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader

from .work import FRIENDS, FURTHER_RULES, GREETING, HELLO, ITEM, ROWS, TEMPLATES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json"

templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, auto_reload=False)
greeting_template = templates.from_string(GREETING)


def answer(start_response, text, content_type=TEXT, status="200 OK"):
    body = text.encode()
    start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
    return [body]


def body_of(environ):
    return environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))


def hello(environ, start_response):
    return answer(start_response, HELLO)


def json_out(environ, start_response):
    return answer(start_response, json.dumps(ITEM), JSON)


def user(environ, start_response):
    uid = int(environ["PATH_INFO"].rpartition("/")[2])
    return answer(start_response, f"user {uid + 1}")


def search(environ, start_response):
    query = parse_qs(environ["QUERY_STRING"])
    return answer(start_response, f"found {query['q'][0]}")


def form(environ, start_response):
    fields = parse_qs(body_of(environ).decode())
    return answer(start_response, f"{fields['name'][0]} is {fields['age'][0]}")


def json_in_and_out(environ, start_response):
    data = json.loads(body_of(environ))
    return answer(start_response, json.dumps({"name": data["name"], "sum": sum(data["numbers"])}), JSON)


def rows(environ, start_response):
    return answer(start_response, templates.get_template("rows.html").render(title="Flasks", rows=ROWS), HTML)


def greeting(environ, start_response):
    return answer(start_response, greeting_template.render(name="World", friends=FRIENDS), HTML)


def not_found(environ, start_response):
    return answer(start_response, "not found", status="404 Not Found")


def make_app() -> WSGIApplication:
    routes = {
        ("GET", "/hello"): hello,
        ("GET", "/json"): json_out,
        ("GET", "/search"): search,
        ("POST", "/form"): form,
        ("POST", "/sum"): json_in_and_out,
        ("GET", "/rows"): rows,
        ("GET", "/greeting"): greeting,
    }
    routes |= {("GET", f"/further/{number}"): hello for number in range(FURTHER_RULES)}

    def app(environ, start_response):
        path = environ["PATH_INFO"]
        view = routes.get((environ["REQUEST_METHOD"], path))
        if view is None:
            view = user if path.startswith("/users/") else not_found
        return view(environ, start_response)

    return app
