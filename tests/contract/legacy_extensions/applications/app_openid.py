"""Flask-OpenID 1.3.1: a login that is sent to the provider with what is asked for, and what comes back.

The provider is the test's own, on loopback: discovery and direct verification are answered as the protocol says.
"""

import re
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from flask import Flask, g, redirect, request, session
from flask_openid import OpenID
from openid.extensions import pape

from asking import Report


class Provider(BaseHTTPRequestHandler):
    def do_GET(self):
        page = '<html><head><link rel="openid2.provider" href="%s/endpoint"></head></html>' % address
        self.answer("text/html", page)

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked.append(form["openid.mode"][0])
        if asked[-1] == "associate":
            self.answer("text/plain", "ns:http://specs.openid.net/auth/2.0\nerror:none\n", 400)
        else:
            self.answer("text/plain", "ns:http://specs.openid.net/auth/2.0\nis_valid:%s\n" % valid[0])

    def answer(self, type, text, status=200):
        self.send_response(status)
        self.send_header("Content-Type", type)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *ignored):
        pass


asked, valid = [], ["true"]
server = HTTPServer(("127.0.0.1", 0), Provider)
address = "http://127.0.0.1:%d" % server.server_port
threading.Thread(target=server.serve_forever, daemon=True).start()

app = Flask(__name__)
app.config.update(SECRET_KEY="for the test", OPENID_FS_STORE_PATH=tempfile.mkdtemp())
oid = OpenID(app, safe_roots=[], extension_responses=[pape.Response])


@app.before_request
def look_up():
    g.user = session.get("openid")


@app.route("/")
def index():
    return "user %s" % g.user


@app.route("/login", methods=["GET", "POST"])
@oid.loginhandler
def login():
    if request.method == "POST":
        return oid.try_login(
            request.form["openid"], ask_for=["email", "nickname"], ask_for_optional=["fullname"]
        )
    return "next=%s error=%s" % (oid.get_next_url(), oid.fetch_error())


@oid.after_login
def after(response):
    session["openid"] = response.identity_url
    session["nickname"] = response.nickname
    return redirect(oid.get_next_url())


@app.route("/nickname")
def nickname():
    return str(session.get("nickname"))


@oid.errorhandler
def failed(message):
    session["failed"] = message


@app.route("/failed")
def show_failed():
    return session.pop("failed", "nothing failed")


def complete(**changes):
    """Come back from the provider with a signed answer."""
    there = report.client.post("/login?next=/nickname", data={"openid": address + "/ada"})
    asked_for = parse_qs(urlsplit(there.headers["Location"]).query)
    back = asked_for["openid.return_to"][0]
    fields = {
        "ns": "http://specs.openid.net/auth/2.0",
        "ns.sreg": "http://openid.net/extensions/sreg/1.1",
        "mode": "id_res",
        "op_endpoint": address + "/endpoint",
        "claimed_id": address + "/ada",
        "identity": address + "/ada",
        "return_to": back,
        "response_nonce": "%sZ%d" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()), len(asked)),
        "assoc_handle": "none",
        "sreg.nickname": "ada",
        "sig": "bm9uZQ==",
    }
    fields.update(changes)
    fields["signed"] = ",".join(sorted(set(fields) - {"sig", "ns"}))
    query = {"openid." + name: value for name, value in fields.items()}
    query.update({name: values[0] for name, values in parse_qs(urlsplit(back).query).items()})
    answer = report.client.get("/login", query_string=query)
    return [
        sorted(asked_for),
        report.plain(re.sub("http://localhost(?=/)", "", answer.headers["Location"])).split("?")[0],
    ]


report = Report(app, hide=(str(server.server_port),))
report.get("/login?next=/nickname")
report.post("/login", data={"openid": "http://127.0.0.1:1/nobody"})
report.get("/failed")
report.note("accepted", complete())
report.get("/")
report.get("/nickname")
valid[0] = "false"
report.note("refused", complete())
report.get("/failed")
report.note("cancelled", complete(mode="cancel"))
report.get("/failed")
report.note("asked", asked)
server.shutdown()
report.show()
