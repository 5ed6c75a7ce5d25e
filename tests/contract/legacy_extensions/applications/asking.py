"""Asks an application with Flask's test client and prints, as JSON, what can be compared between two frameworks.

What Werkzeug itself says in other words today is brought to one form: the first lines of its error pages, the host
in `Location`, the dates and values of cookies. A redirect's page is not compared, its target is.
"""

import json
import re
import warnings

import flask

# What is removed is not the subject here: a process of its own would be needed to count warnings.
warnings.simplefilter("ignore")

_PAGE = re.compile(r"\A<!doctype html[^>]*>\s*(<html lang=en>\s*)?(?=<title>\d)", re.IGNORECASE)
_ADDRESS = re.compile(r"0x[0-9a-f]+")
# Werkzeug quotes less in query strings today; where one holds another, the percent sign is quoted itself.
_PLAIN_IN_QUERY = re.compile(r"%(?:25)*(2F|3A|3F|40|2C|3B)", re.IGNORECASE)


print(json.dumps({"framework": flask.__name__}))


class Report:
    """What an application answered, in the order of the questions."""

    def __init__(self, app, headers=(), hide=()):
        self.client = app.test_client()
        self.headers = headers
        self.hidden = [re.compile(pattern) for pattern in hide]
        self.entries = []

    def ask(self, method, path, body=True, **options):
        """Send a request, note its answer, and return the response."""
        response = self.client.open(path, method=method, **options)
        told = {"status": response.status_code, "type": response.headers.get("Content-Type")}
        if response.status_code >= 400:
            # Before 1.0, Werkzeug's error pages named no charset.
            told["type"] = response.mimetype
        if response.status_code == 304:
            del told["type"]  # which has no body; today Werkzeug removes the header
        if "Location" in response.headers:
            told["location"] = self.plain(
                re.sub(r"\Ahttp://localhost(?=/)", "", response.headers["Location"])
            )
        cookies = sorted(_cookie(value) for value in response.headers.getlist("Set-Cookie"))
        if cookies:
            told["cookies"] = cookies
        told.update((name, _header(name, response)) for name in self.headers if name in response.headers)
        if body and not 300 <= response.status_code < 400:
            told["body"] = self._body(response)
        self.note(method + " " + path, told)
        return response

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, **options):
        return self.ask("POST", path, **options)

    def note(self, name, value):
        """Note something that is not an answer."""
        self.entries.append([name, value])

    def show(self):
        """Print everything as one line of JSON, the last of the program's output."""
        print(json.dumps(self.entries, default=str, sort_keys=True))

    def plain(self, text):
        """Take out what differs from run to run."""
        for pattern in self.hidden:
            text = pattern.sub("-", text)
        return _PLAIN_IN_QUERY.sub(lambda found: chr(int(found[1], 16)), _ADDRESS.sub("0x", text))

    def _body(self, response):
        data = response.get_data()
        try:
            text = self.plain(data.decode())
        except UnicodeDecodeError:
            return "%d bytes" % len(data)
        if response.mimetype == "application/json" and text:
            return json.loads(text)
        return _PAGE.sub("", text)


def find(pattern, response):
    """Return the first group of a pattern in an answer's text."""
    return re.search(pattern, response.get_data(as_text=True)).group(1)


def _header(name, response):
    value = ", ".join(response.headers.getlist(name))
    # Methods come from a set.
    return ", ".join(sorted(value.split(", "))) if name in ("Allow", "Vary") else value


def _cookie(header):
    name, _, rest = header.partition("=")
    attributes = [part.strip() for part in rest.split(";")[1:]]
    if "Max-Age=0" in attributes:
        # Flask 1.1 deleted its session cookie without repeating all attributes.
        return name + "; deleted"
    return "; ".join([name, *sorted(part for part in attributes if not part.lower().startswith("expires"))])
