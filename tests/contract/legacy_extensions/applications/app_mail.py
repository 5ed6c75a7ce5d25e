"""Flask-Mail 0.9.1: messages recorded, their headers, parts and attachments, refusals, one through a server.

The server is the test's own, on loopback: it speaks as much SMTP as one message takes.
"""

import email
import socketserver
import threading

from flask import Flask, jsonify, request
from flask_mail import BadHeaderError, Mail, Message, email_dispatched

from asking import Report


class Server(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 hello\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")


received, dispatched = [], []
server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()

app = Flask(__name__)
app.config.update(
    MAIL_DEFAULT_SENDER=("Office", "office@example.com"),
    MAIL_SERVER="127.0.0.1",
    MAIL_PORT=server.server_address[1],
    MAIL_SUPPRESS_SEND=False,
)
mail = Mail(app)
email_dispatched.connect(lambda message, app: dispatched.append(message.subject), weak=False)


@app.route("/send", methods=["POST"])
def send():
    message = Message(request.form["subject"], recipients=request.form.getlist("to"))
    message.body = "Grüße"
    message.html = "<b>Grüße</b>"
    message.attach("notes.txt", "text/plain", "the notes")
    try:
        with mail.record_messages() as outbox:
            mail.send(message)
    except (BadHeaderError, AssertionError) as error:
        return type(error).__name__, 400
    return jsonify(subjects=[sent.subject for sent in outbox], text=describe(outbox[0].as_string()))


@app.route("/many")
def many():
    with mail.connect() as connection:
        for number in range(2):
            connection.send_message(
                "Number %d" % number, recipients=["ada@example.com"], cc=["bob@example.com"], body="x"
            )
    return "sent"


def describe(text):
    message = email.message_from_string(text)
    kept = {name: message[name] for name in ("Subject", "From", "To", "Cc")}
    return [kept, [[part.get_content_type(), part.get_filename()] for part in message.walk()]]


report = Report(app)
report.post("/send", data={"subject": "Hello", "to": ["ada@example.com", "bob@example.com"]})
report.post("/send", data={"subject": "Ä subject", "to": "ada@example.com"})
report.post("/send", data={"subject": "Bad\nsubject: header", "to": "ada@example.com"})
report.post("/send", data={"subject": "nobody"})
report.get("/many")
report.note("received", [describe(data.decode()) for data in received])
report.note("dispatched", dispatched)
server.shutdown()
report.show()
