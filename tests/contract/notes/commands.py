import click
from flask import Flask

app = Flask(__name__)


@app.cli.command("create-user")
@click.argument("name")
def create_user(name):
    click.echo(f"created {name} in {app.name}")


@app.cli.command()
def hello():
    """Say hello."""
    click.echo("Hello, Human!")


@app.route("/")
def index():
    return "index"


@app.route("/user/<int:number>", methods=["GET", "POST"])
def user(number):
    return str(number)
