import os

import click
from flask import Flask, render_template

from messages.blueprints.main import main_bp
from messages.settings import config


def create_app(config_name=None):
    if config_name is None:
        config_name = os.getenv('FLASK_CONFIG', 'development')

    app = Flask('messages')
    app.config.from_object(config[config_name])
    app.config['NAME'] = config_name
    app.register_blueprint(main_bp)
    register_errors(app)
    register_commands(app)
    return app


def register_errors(app):
    @app.errorhandler(404)
    def page_not_found(e):
        return render_template('404.html'), 404


def register_commands(app):
    @app.cli.command()
    @click.option('--drop', is_flag=True, help='Create after drop.')
    def initdb(drop):
        """Initialize the database."""
        click.echo(f"Initialized database {app.config['DATABASE_URI']} drop={drop}.")
