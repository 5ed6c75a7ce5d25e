"""Flask-CAS 1.0.2: login by a CAS server's ticket, attributes, a required login, logout.

The server is a stand-in of the test's own on loopback that answers the validation of tickets.
"""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from flask import Flask, jsonify
from flask_cas import CAS, login_required

from asking import Report

ANSWER = """<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess>
<cas:user>ada</cas:user><cas:attributes><cas:memberOf>[one, two]</cas:memberOf></cas:attributes>
</cas:authenticationSuccess></cas:serviceResponse>"""
REFUSAL = """<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure></cas:serviceResponse>"""


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write((ANSWER if "ticket=good" in self.path else REFUSAL).encode())

    def log_message(self, *ignored):
        pass


asked = []
server = HTTPServer(("127.0.0.1", 0), Server)
address = "http://127.0.0.1:%d" % server.server_port
threading.Thread(target=server.serve_forever, daemon=True).start()

app = Flask(__name__)
app.config.update(
    SECRET_KEY="for the test",
    CAS_SERVER=address,
    CAS_AFTER_LOGIN="index",
    CAS_AFTER_LOGOUT="http://localhost/",
)
cas = CAS(app, "/cas")


@app.route("/")
def index():
    return jsonify(user=cas.username, attributes=cas.attributes, token=cas.token)


@app.route("/private")
@login_required
def private():
    return "for " + cas.username


report = Report(app, hide=(str(server.server_port),))
report.get("/")


def follow(path):
    response = report.client.get(path)
    report.note(
        path,
        [response.status_code, report.plain(response.headers["Location"]).replace("http://localhost/", "/")],
    )


follow("/private")
follow("/cas/login/")
follow("/cas/login/?ticket=bad")
follow("/cas/login/?ticket=good")
report.get("/")
report.get("/private")
follow("/cas/logout/")
report.get("/")
report.note("asked", [report.plain(path) for path in asked])
server.shutdown()
report.show()
