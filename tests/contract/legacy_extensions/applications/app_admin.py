"""Flask-Admin 1.5.8: views of models by Flask-SQLAlchemy, a page of its own, files, access, actions, exports."""

import os
import tempfile

from flask import Flask, redirect, request, url_for
from flask_admin import Admin, AdminIndexView, BaseView, expose
from flask_admin.actions import action
from flask_admin.contrib.fileadmin import FileAdmin
from flask_admin.contrib.sqla import ModelView
from flask_admin.menu import MenuLink
from flask_sqlalchemy import SQLAlchemy

from asking import Report

app = Flask(__name__)
app.config.update(
    SECRET_KEY="for the test", SQLALCHEMY_DATABASE_URI="sqlite://", SQLALCHEMY_TRACK_MODIFICATIONS=False
)
db = SQLAlchemy(app)
folder = tempfile.TemporaryDirectory()
with open(os.path.join(folder.name, "notes.txt"), "w") as file:
    file.write("notes")


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), unique=True)
    posts = db.relationship("Post", backref="user")

    def __str__(self):
        return self.name


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(40))
    user_id = db.Column(db.Integer, db.ForeignKey("user.id"))


class UserView(ModelView):
    column_list = ("name", "posts")
    column_searchable_list = ("name",)
    column_filters = ("name",)
    column_editable_list = ("name",)
    can_export = True
    can_view_details = True

    @action("shout", "Shout", "Sure?")
    def shout(self, ids):
        for user in User.query.filter(User.id.in_(ids)):
            user.name = user.name.upper()
        db.session.commit()


class Guarded(BaseView):
    def is_accessible(self):
        return "key" in request.args

    def inaccessible_callback(self, name, **more):
        return redirect(url_for("admin.index", next=request.url))

    @expose("/")
    def index(self):
        return self.render("admin/master.html", title="guarded")

    @expose("/more", methods=("GET", "POST"))
    def more(self):
        return "more by " + request.method


admin = Admin(app, name="Office", template_mode="bootstrap3", index_view=AdminIndexView(name="Start"))
admin.add_view(UserView(User, db.session, category="People"))
admin.add_view(ModelView(Post, db.session, endpoint="posts", category="People"))
admin.add_view(Guarded(name="Guarded", endpoint="guarded"))
admin.add_view(FileAdmin(folder.name, "/files/", name="Files"))
admin.add_link(MenuLink(name="Out", url="/"))

with app.app_context():
    db.create_all()

report = Report(app, hide=(r"(?<=\?v=)[\w.]+",))
report.get("/admin/")
report.get("/admin/user/")
report.get("/admin/user/new/")
report.post("/admin/user/new/", data={"name": "ada"})
report.post("/admin/user/new/", data={"name": "bob", "_add_another": "1"})
report.post("/admin/user/new/", data={"name": "bob"})
report.post("/admin/posts/new/", data={"title": "First", "user": "1"})
report.get("/admin/user/?search=ad&sort=0")
report.get("/admin/user/?flt1_0=bob")
report.get("/admin/user/edit/?id=1")
report.post("/admin/user/edit/?id=1", data={"name": "lovelace"})
report.get("/admin/user/details/?id=1")
report.post("/admin/user/ajax/update/", data={"list_form_pk": "2", "name": "robert"})
report.post("/admin/user/action/", data={"action": "shout", "rowid": ["1", "2"]})
report.get("/admin/user/")
report.note("export", app.test_client().get("/admin/user/export/csv/").get_data(as_text=True))
report.post("/admin/posts/delete/", data={"id": "1"})
report.get("/admin/posts/")
report.get("/admin/guarded/")
report.get("/admin/guarded/?key")
report.post("/admin/guarded/more?key")
report.get("/admin/fileadmin/", body=False)
report.get("/admin/fileadmin/download/notes.txt")
report.get("/admin/static/admin/css/bootstrap3/admin.css", body=False)
report.show()
