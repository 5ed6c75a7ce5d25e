"""A view sends a message with an attachment; it is recorded and not sent."""

from flask import Flask
from flask_mail import Mail, Message, email_dispatched

app = Flask(__name__)
app.config.update(MAIL_DEFAULT_SENDER="probe@example.org", MAIL_SUPPRESS_SEND=True)
mail = Mail(app)
seen = []


@email_dispatched.connect_via(app)
def note(app, message):
    seen.append(message.subject)


@app.post("/send/<subject>")
def send(subject):
    message = Message(subject, recipients=["ada@example.org"], body="Grüße")
    message.attach("a.txt", "text/plain", b"attached")
    with mail.record_messages() as outbox:
        mail.send(message)
    return {"subjects": [each.subject for each in outbox], "sender": outbox[0].sender}


def talk(client):
    client.post("/send/Hello")
    client.post("/send/Bad%0Aheader")
    client.note("signals", seen)
