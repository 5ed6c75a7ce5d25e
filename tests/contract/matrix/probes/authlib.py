"""An authorization server gives a token for a client's credentials; a resource is protected by it."""

from authlib.integrations.flask_client import OAuth
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, url_for

HIDE = (r"(?<=\"access_token\": \")[^\"]+", r"state=[\w-]+", r"nonce=[\w-]+", r"session=[^;]+")

app = Flask(__name__)
app.secret_key = "probe"
TOKENS = {}


class Client(ClientMixin):
    def check_client_secret(self, secret):
        return secret == "s"

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_grant_type(self, grant):
        return grant == "client_credentials"

    def get_allowed_scope(self, scope):
        return scope or ""

    def get_client_id(self):
        return "c"


class Token(TokenMixin):
    def __init__(self, scope):
        self.scope = scope

    def get_scope(self):
        return self.scope

    def get_client(self):
        return Client()

    def is_expired(self):
        return False

    def is_revoked(self):
        return False


class Validator(BearerTokenValidator):
    def authenticate_token(self, token):
        return TOKENS.get(token)


def save(token, request):
    TOKENS[token["access_token"]] = Token(token.get("scope", ""))


server = AuthorizationServer(
    app, query_client=lambda name: Client() if name == "c" else None, save_token=save
)
server.register_grant(grants.ClientCredentialsGrant)
protect = ResourceProtector()
protect.register_token_validator(Validator())
oauth = OAuth(app)
oauth.register(
    "other",
    client_id="c",
    client_secret="s",
    authorize_url="https://a.example/auth",
    access_token_url="https://a.example/t",
)


@app.post("/token")
def token():
    return server.create_token_response()


@app.get("/read")
@protect("read")
def read():
    return current_token.scope


@app.get("/login")
def login():
    return oauth.other.authorize_redirect(url_for("read", _external=True))


def talk(client):
    form = {"grant_type": "client_credentials", "scope": "read"}
    client.post("/token", data=form)
    client.post("/token", data=form, auth=("c", "wrong"))
    token = client.post("/token", data=form, auth=("c", "s")).json["access_token"]
    client.get("/read")
    client.get("/read", headers={"Authorization": f"Bearer {token}"})
    client.get("/read", headers={"Authorization": "Bearer nonsense"})
    client.get("/login")
