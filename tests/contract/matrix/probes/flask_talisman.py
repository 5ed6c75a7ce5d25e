"""Headers for security, a redirect to HTTPS, and a policy with a nonce."""

from flask import Flask, render_template_string
from flask_talisman import Talisman

HIDE = (r"nonce-[\w-]+", r'nonce="[\w-]+"')

app = Flask(__name__)
app.secret_key = "probe"
policy = {"default-src": "'self'", "script-src": "'self'"}
talisman = Talisman(app, content_security_policy=policy, content_security_policy_nonce_in=["script-src"])


@app.get("/")
def index():
    return render_template_string('<script nonce="{{ csp_nonce() }}"></script>')


@app.get("/framed")
@talisman(frame_options="ALLOW-FROM", frame_options_allow_from="https://a.example", force_https=False)
def framed():
    return "framed"


def talk(client):
    client.get("/")
    client.get("/", base_url="https://localhost")
    client.get("/framed")
    client.get("/missing", base_url="https://localhost")
