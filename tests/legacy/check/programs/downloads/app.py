"""Downloads; not all of it can be rewritten."""
from io import BytesIO
from flask import Flask, current_app, safe_join, send_file, send_from_directory  # old: flask.safe_join
from flask.json import JSONEncoder  # old: flask.json.JSONEncoder
from werkzeug import secure_filename, FileStorage  # old: werkzeug.secure_filename [fix], werkzeug.FileStorage [fix]
from werkzeug.security import safe_str_cmp  # old: werkzeug.security.safe_str_cmp
import werkzeug.urls as urls


class Encoder(JSONEncoder):
    def default(self, value):
        return str(value)


app = Flask(__name__)
app.json_encoder = Encoder  # old: flask.Flask.json_encoder


@app.before_first_request  # old: flask.Flask.before_first_request
def prepare():
    app.ready = True


@app.route("/report")
def report():
    return send_file(
        BytesIO(b"a,b"),
        mimetype="text/csv",
        as_attachment=True,
        attachment_filename="report.csv",  # the user sees this  # old: flask.send_file(attachment_filename) [fix]
        cache_timeout=60,  # old: flask.send_file(cache_timeout) [fix]
        add_etags=False,  # old: flask.send_file(add_etags) [fix]
    )


@app.route("/file/<name>")
def file(name):
    if not safe_str_cmp(name, "me"):
        name = urls.url_quote(secure_filename(name))  # old: werkzeug.urls.url_quote
    return send_from_directory(app.root_path, filename=name)  # old: flask.send_from_directory(filename) [fix]


def options(**more):
    # Nobody knows what is in `more`.
    return send_file("a", attachment_filename="b", **more)  # old: flask.send_file(attachment_filename)


def environment():
    return current_app.env, app.config["ENV"]  # old: flask.Flask.env, flask.Flask.config[ENV]
