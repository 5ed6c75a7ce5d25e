"""Its login form, without a directory behind it."""

from flask import Flask, render_template_string
from flask_ldap3_login import LDAP3LoginManager
from flask_ldap3_login.forms import LDAPLoginForm

HIDE = (r"session=[^;]+", r'value="[\w.-]{40,}"')

app = Flask(__name__)
app.secret_key = "probe"
app.config.update(LDAP_HOST="127.0.0.1", LDAP_PORT=9, LDAP_BASE_DN="dc=a", WTF_CSRF_ENABLED=False)
LDAP3LoginManager(app)


@app.route("/login", methods=["GET", "POST"])
def login():
    form = LDAPLoginForm()
    if form.is_submitted() and not form.username.data:
        form.validate()
    return render_template_string("{{ form.username() }}{{ form.password() }}{{ form.errors }}", form=form)


def talk(client):
    client.get("/login")
    client.post("/login", data={})
