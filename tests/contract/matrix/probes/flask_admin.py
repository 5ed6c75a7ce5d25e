"""The pages of an admin view over SQLAlchemy: list, create, edit, delete."""

from flask import Flask
from flask_admin import Admin, BaseView, expose
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.secret_key = "probe"
app.instance_path = "."
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///admin.db"
db = SQLAlchemy(app)


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(40))


class Hello(BaseView):
    @expose("/")
    def index(self):
        return self.render("admin/index.html")


admin = Admin(app, name="Probe")
try:
    admin.add_view(ModelView(Book, db.session))
except Exception:
    admin.add_view(ModelView(Book, db))
admin.add_view(Hello(name="Hello", endpoint="hello"))
with app.app_context():
    db.create_all()


def talk(client):
    client.get("/admin/")
    client.get("/admin/hello/")
    client.get("/admin/book/new/")
    client.post("/admin/book/new/", data={"title": "On Engines"})
    client.get("/admin/book/")
    client.get("/admin/book/edit/?id=1")
    client.post("/admin/book/edit/?id=1", data={"title": "On Looms"})
    client.get("/admin/book/?sort=0&search=Looms")
    client.post("/admin/book/delete/", data={"id": "1"})
    client.get("/admin/static/admin/css/bootstrap4/admin.css")
