"""Casbin's rules decide who may read what."""

from pathlib import Path

from casbin import Enforcer
from flask import Flask
from flask_authz import CasbinEnforcer

MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && keyMatch(r.obj, p.obj) && r.act == p.act
"""
Path("model.conf").write_text(MODEL)
Path("policy.csv").write_text("p, ada, /data/*, GET\n")

app = Flask(__name__)
app.config.update(CASBIN_MODEL="model.conf", CASBIN_OWNER_HEADERS={"X-User"})
assert Enforcer("model.conf", "policy.csv")
from casbin.persist.adapters import FileAdapter

enforcer = CasbinEnforcer(app, FileAdapter("policy.csv"))


@app.route("/data/<name>", methods=["GET", "POST"])
@enforcer.enforcer
def data(name):
    return name


def talk(client):
    client.get("/data/a", headers={"X-User": "ada"})
    client.post("/data/a", headers={"X-User": "ada"})
    client.get("/data/a", headers={"X-User": "bob"})
    client.get("/data/a")
