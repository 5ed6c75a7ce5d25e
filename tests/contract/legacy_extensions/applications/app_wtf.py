"""Flask-WTF 0.14.3: a form with a file, its errors, its token, and the protection of views without a form."""

import io

from flask import Flask, jsonify, render_template_string
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, NumberRange

from asking import Report, find

app = Flask(__name__)
app.secret_key = "for the test"
protection = CSRFProtect(app)

TEMPLATE = """<form method=post enctype=multipart/form-data>{{ form.hidden_tag() }}
{{ form.name.label }} {{ form.name(size=20) }} {{ form.age() }} {{ form.picture() }}
{% for name, errors in form.errors|dictsort %}{{ name }}: {{ errors|join(", ") }};{% endfor %}</form>"""


class Profile(FlaskForm):
    name = StringField("Name", validators=[DataRequired()])
    age = IntegerField("Age", validators=[NumberRange(min=18)])
    picture = FileField("Picture", validators=[FileRequired(), FileAllowed(["png"], "png only")])


@app.route("/", methods=["GET", "POST"])
def index():
    form = Profile()
    if form.validate_on_submit():
        data = form.picture.data
        return "saved %s, %d, %s with %d bytes" % (
            form.name.data,
            form.age.data,
            data.filename,
            len(data.read()),
        )
    return render_template_string(TEMPLATE, form=form)


@app.route("/token")
def token():
    return render_template_string("token {{ csrf_token() }}") + (" same" if generate_csrf() else "")


@app.route("/api", methods=["POST", "DELETE"])
def api():
    return jsonify(done=True)


@app.route("/hook", methods=["POST"])
@protection.exempt
def hook():
    return "hooked"


@app.route("/json", methods=["POST"])
@protection.exempt
def as_json():
    form = Profile(meta={"csrf": False})
    return jsonify(valid=form.validate_on_submit(), errors=form.errors, name=form.name.data)


@app.errorhandler(CSRFError)
def refused(error):
    return "refused: %s" % error.description, 400


report = Report(app, hide=(r"(?<=value=\")[\w.-]{60,}", r"(?<=token )[\w.-]{60,}"))
csrf = find(r"value=\"([\w.-]{60,})\"", report.get("/"))
report.get("/token")
report.post("/", data={"name": "Ada", "age": "36"})
report.post("/", data={"csrf_token": "wrong", "name": "Ada"})
report.post("/", data={"csrf_token": csrf, "name": "", "age": "7"})
picture = (io.BytesIO(b"not really"), "me.txt")
report.post("/", data={"csrf_token": csrf, "name": "Ada", "age": "36", "picture": picture})
picture = (io.BytesIO(b"\x89PNG"), "me.png")
report.post("/", data={"csrf_token": csrf, "name": "Ada", "age": "36", "picture": picture})
report.post("/api")
report.post("/api", headers={"X-CSRFToken": csrf})
report.ask("DELETE", "/api", headers={"X-CSRFToken": csrf + "x"})
report.post("/hook", data=b"anything")
report.post("/json", json={"name": "Ada", "age": 36})
report.show()
