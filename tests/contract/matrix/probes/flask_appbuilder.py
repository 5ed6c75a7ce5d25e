"""Its login page, a view of its own, and the REST interface's refusal."""

from flask import Flask
from flask_appbuilder import AppBuilder, BaseView, expose
from flask_appbuilder.utils.legacy import get_sqla_class

HIDE = (r"session=[^;]+", r'value="[\w.-]{40,}"', r"nonce[=-][^\s'\"]+")

app = Flask(__name__)
app.config.update(SECRET_KEY="probe", SQLALCHEMY_DATABASE_URI="sqlite:///builder.db", WTF_CSRF_ENABLED=False)
app.instance_path = "."
SQLA = get_sqla_class()
db = SQLA(app)


class Hello(BaseView):
    default_view = "hello"

    @expose("/hello/<name>")
    def hello(self, name):
        return f"Hello, {name}!"


with app.app_context():
    appbuilder = AppBuilder(app, db.session)
    appbuilder.add_view_no_menu(Hello())


def talk(client):
    client.note("index", client.client.get("/").status)
    client.get("/hello/hello/Ada")
    client.note("login", client.client.get("/login/").status)
    client.get("/api/v1/security/roles/")
    client.get("/users/list/")
