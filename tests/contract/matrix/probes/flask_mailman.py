"""A message with an alternative goes to the backend in memory."""

from flask import Flask
from flask_mailman import EmailMultiAlternatives, Mail

app = Flask(__name__)
app.config.update(MAIL_BACKEND="locmem", MAIL_DEFAULT_SENDER="probe@example.org")
mail = Mail(app)


@app.post("/send/<subject>")
def send(subject):
    message = EmailMultiAlternatives(subject, "text", to=["ada@example.org"])
    message.attach_alternative("<b>text</b>", "text/html")
    return str(message.send())


def talk(client):
    client.post("/send/Hello")
    client.note("outbox", [(m.subject, m.to, m.from_email) for m in mail.outbox])
