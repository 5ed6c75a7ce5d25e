import os

from flask import Flask

app = Flask(__name__)


@app.cli.command("show")
def show():
    for name in ("BY_HAND", "IN_ENV", "IN_FLASKENV", "SOME_VAR", "FOO"):
        print(name, os.environ.get(name))
