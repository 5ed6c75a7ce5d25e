"""Flask-Script 2.0.6: commands of a manager, with options, a sub-manager and a shell's context."""

import contextlib
import io

from flask import Flask, current_app, url_for
from flask_script import Command, Manager, Option, Server, Shell, prompt_bool
from flask_script.commands import Clean, ShowUrls

from asking import Report

app = Flask(__name__)
app.config["GREETING"] = "Hello"


@app.route("/")
def index():
    return "index"


@app.route("/notes/<int:number>", methods=["GET", "POST"])
def note(number):
    return str(number)


manager = Manager(app, with_default_commands=False)
manager.add_command("urls", ShowUrls())
manager.add_command("clean", Clean())
manager.add_command("runserver", Server(host="127.0.0.1", port=5055))
manager.add_command("shell", Shell(make_context=lambda: {"app": app}))


@manager.command
def hello():
    "Greets."
    print(current_app.config["GREETING"], url_for("index"))


@manager.command
def add(left, right="2", loud=False):
    "Adds two numbers."
    print(int(left) + int(right), "!" if loud else "")


@manager.option("-n", "--name", dest="name", default="nobody")
@manager.option("-t", "--times", dest="times", type=int, default=1)
def greet(name, times):
    print(" ".join([name] * times))


class Remove(Command):
    "Removes a user."

    option_list = (Option("user"), Option("--force", action="store_true"))

    def run(self, user, force):
        print("removed", user, force, current_app.name == app.name)
        return 3


database = Manager(usage="Works on the database")


@database.command
def create():
    print("created with", current_app.config["GREETING"])


manager.add_command("remove", Remove())
manager.add_command("database", database)

report = Report(app)
for line in (
    "hello",
    "add 1",
    "add 1 -r 4 --loud",
    "greet",
    "greet -n Ada -t 2",
    "remove ada --force",
    "database create",
    "urls",
    "unknown",
    "add --help",
):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            status = manager.handle("manage.py", line.split())
        except SystemExit as stop:
            status = stop.code
    report.note(line, [status, out.getvalue()])
report.note("commands", sorted(manager._commands))
report.note("prompt", prompt_bool.__name__)
report.get("/notes/7")
report.show()
