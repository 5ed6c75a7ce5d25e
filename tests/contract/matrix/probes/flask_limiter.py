"""Three requests in a minute are answered, the fourth is refused; one view is exempt."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

HIDE = (r"(?<='x-ratelimit-reset', ').*", r"^\d{10}$", r"^(?:[1-5]?\d|60)$")

app = Flask(__name__)
limiter = Limiter(
    get_remote_address, app=app, default_limits=["3/hour"], storage_uri="memory://", headers_enabled=True
)


@app.get("/")
def limited():
    return "answered"


@app.get("/exempt")
@limiter.exempt
def exempt():
    return "always"


@app.get("/once")
@limiter.limit("1/day", error_message="only once")
def once():
    return "once"


def talk(client):
    for _ in range(4):
        client.note("/", client.client.get("/").status)
    for _ in range(5):
        client.get("/exempt")
    for _ in range(2):
        client.note("/once", client.client.get("/once").get_data().decode()[-60:])
