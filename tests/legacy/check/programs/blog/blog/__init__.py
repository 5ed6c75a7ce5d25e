from flask import Flask
from flask.ext.sqlalchemy import SQLAlchemy  # old: flask.ext.sqlalchemy [fix]
from flask.ext import login as logins, wtf  # old: flask.ext [fix]
import flask.ext.migrate as migrate  # old: flask.ext.migrate [fix]

db = SQLAlchemy()


def create_app(config="blog.config.Production"):
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    return app
