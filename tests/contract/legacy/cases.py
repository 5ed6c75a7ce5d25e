"""Small applications written for Flask 1.1. Each case says what it saw; both frameworks have to say the same.

python cases.py [wsgi|asgi]      on what `flask` is in this process; prints {case: what it saw}
"""

from __future__ import annotations

from running import case, client_of, tell

# isort: split
import datetime
import io
import json as python_json
import os
import sys
import threading
import time
import uuid

import flask
from flask import (
    Blueprint,
    Config,
    Flask,
    Markup,
    _app_ctx_stack,
    _request_ctx_stack,
    escape,
    json,
    json_available,
    jsonify,
    request,
    safe_join,
    send_file,
    send_from_directory,
    session,
    signals_available,
    url_for,
)
from flask._compat import PY2, iteritems, reraise, string_types, text_type, with_metaclass
from flask.helpers import locked_cached_property, total_seconds
from flask.json import JSONDecoder, JSONEncoder
from flask.views import MethodView, MethodViewType

HERE = os.path.dirname(os.path.abspath(__file__))


def app_of(view, rule="/", **options):
    """Make an application with one view."""
    app = Flask("cases", root_path=HERE)
    app.secret_key = "key"
    app.add_url_rule(rule, "view", view, **options)
    return app


def text(view, path="/", app=None, **options):
    """Answer one request by one view; say status and body."""
    response = client_of(app or app_of(view)).get(path, **options)
    return [response.status_code, response.get_data(as_text=True)]


def raised(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__


# names


@case
def small_names():
    return [
        Markup("<b>%s") % "<",
        escape("<"),
        json_available and True,
        signals_available,
        PY2,
        text_type is str,
    ]


@case
def paths_are_joined():
    paths = [("a", "b"), ("a", "b", "../c"), ("a", ".."), ("a", "/b"), ("a", "b/../../c")]
    return [raised(safe_join, *path) for path in paths]


@case
def helpers():
    class Thing:
        calls = 0

        @locked_cached_property
        def value(self):
            self.calls += 1
            return self.calls

    thing = Thing()
    span = datetime.timedelta(days=2, seconds=3, microseconds=4)
    return [thing.value, thing.value, total_seconds(span), flask.helpers._endpoint_from_view_func(helpers)]


@case
def compat():
    class Meta(type):
        def __new__(cls, name, bases, names):
            return super().__new__(cls, name, bases, {**names, "made": "by meta"})

    class Made(with_metaclass(Meta, dict)):
        pass

    def again():
        try:
            raise KeyError("x")
        except KeyError:
            reraise(*sys.exc_info())

    return [
        Made.made,
        Made.__mro__[1].__name__,
        sorted(iteritems({"a": 1})),
        raised(again),
        string_types[0] is str,
    ]


@case
def globals_by_name():
    look_up = flask.globals._lookup_req_object

    def view():
        return (
            look_up("request").path
            + flask.globals._find_app().name
            + str(flask.globals._lookup_app_object("g") == flask.g)
        )

    return [text(view), raised(look_up, "request"), raised(flask.globals._find_app)]


@case
def environ_builder():
    from flask.testing import make_test_environ_builder

    app = app_of(lambda: "")
    builder = make_test_environ_builder(
        app, "/p?a=1", base_url="http://example.org/x", method="POST", data={"b": 2}
    )
    environ = builder.get_environ()
    return [
        environ[name] for name in ("PATH_INFO", "QUERY_STRING", "REQUEST_METHOD", "HTTP_HOST", "SCRIPT_NAME")
    ]


@case
def metaclass_of_views():
    class Base(with_metaclass(MethodViewType, MethodView)):
        def get(self):
            return "get"

    class Derived(Base):
        def post(self):
            return "post"

    app = app_of(Derived.as_view("d"))
    return [
        sorted(Derived.methods),
        client_of(app).post("/").get_data(as_text=True),
        client_of(app).put("/").status_code,
    ]


# stacks


@case
def tops():
    def view():
        _request_ctx_stack.top.mine = "mine"
        _app_ctx_stack.top.other = "other"
        return _request_ctx_stack.top.request.path

    app = app_of(view)

    @app.after_request
    def after(response):
        response.headers["X-Mine"] = _request_ctx_stack.top.mine + _app_ctx_stack.top.other
        return response

    response = client_of(app).get("/")
    return [response.headers["X-Mine"], _request_ctx_stack.top is None, _app_ctx_stack.top is None]


@case
def tops_of_nested_contexts():
    app, other = app_of(lambda: ""), Flask("other")
    seen = []
    with app.app_context() as outer:
        seen.append(_app_ctx_stack.top is outer)
        with other.test_request_context("/x") as inner:
            seen += [_request_ctx_stack.top is inner, _app_ctx_stack.top.app is other]
        seen += [_app_ctx_stack.top is outer, _request_ctx_stack.top is None]
    return seen


@case
def pushed_by_hand():
    app = app_of(lambda: "")
    context = app.app_context()
    _app_ctx_stack.push(context)
    seen = [_app_ctx_stack.top is context, flask.current_app.name]
    seen += [_app_ctx_stack.pop() is context, _app_ctx_stack.top is None, _app_ctx_stack.pop() is None]
    return seen


@case
def one_identity_for_a_thread():
    identify = _app_ctx_stack.__ident_func__
    found = [identify()]
    thread = threading.Thread(target=lambda: found.append(identify()))
    thread.start()
    thread.join()
    return [found[0] == identify(), found[0] != found[1]]


@case
def one_identity_for_a_request():
    seen = []

    def view():
        seen.append(_app_ctx_stack.__ident_func__())
        return ""

    app = app_of(view)
    app.before_request(lambda: seen.append(_app_ctx_stack.__ident_func__()))
    app.teardown_appcontext(lambda error: seen.append(_app_ctx_stack.__ident_func__()))
    client_of(app).get("/")
    return [len(seen), len(set(seen))]


# the first request


@case
def once_before_the_first_request():
    order = []
    app = app_of(lambda: ",".join(order))
    app.before_request(lambda: order.append("before"))
    app.before_first_request(lambda: order.append("first"))
    app.before_first_request_funcs.append(lambda: order.append("appended"))
    blueprint = Blueprint("b", __name__)
    blueprint.before_app_first_request(lambda: order.append("blueprint"))
    app.register_blueprint(blueprint)
    client = client_of(app)
    got = [app.got_first_request]
    answers = [client.get("/").get_data(as_text=True) for _ in range(3)]
    return [answers, got, app.got_first_request]


@case
def routes_added_before_the_first_request():
    app = app_of(lambda: "")
    app.debug = True

    @app.before_first_request
    def setup():
        app.add_url_rule("/late", "late", lambda: "late")

    client = client_of(app)
    return [client.get("/").status_code, text(None, "/late", app=app)]


@case
def a_first_function_that_fails_is_tried_again():
    app = app_of(lambda: "fine")
    tries = []

    @app.before_first_request
    def setup():
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")

    app.register_error_handler(ValueError, lambda error: "handled as a view's")
    app.register_error_handler(500, lambda error: ("server error", 500))
    return [[text(None, app=app) for _ in range(4)], len(tries)]


@case
def others_wait_for_the_first_functions():
    ready, answers = [], []
    app = app_of(lambda: str(len(ready)))
    entered = threading.Event()

    @app.before_first_request
    def setup():
        entered.set()
        time.sleep(0.2)
        ready.append(1)

    def send():
        answers.append(client_of(app).get("/").get_data(as_text=True))

    threads = [threading.Thread(target=send) for _ in range(6)]
    threads[0].start()
    entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@case
def set_up_after_the_first_request():
    app = app_of(lambda: "")
    client_of(app).get("/")
    app.add_url_rule("/late", "late", lambda: "late")
    seen = [text(None, "/late", app=app)]
    app.debug = True
    return [*seen, raised(app.add_url_rule, "/later", "later", lambda: "")]


# JSON


class Point:
    def __init__(self, x):
        self.x = x


class PointEncoder(JSONEncoder):
    def default(self, o):
        return {"x": o.x} if isinstance(o, Point) else super().default(o)


class UpperEncoder(JSONEncoder):
    def encode(self, o):
        return super().encode(o).upper()

    def iterencode(self, o, _one_shot=False):
        return (part.upper() for part in super().iterencode(o, _one_shot))


class PairsDecoder(JSONDecoder):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, object_pairs_hook=list, **kwargs)


@case
def an_encoder_of_the_application():
    app = app_of(lambda: jsonify(p=Point(1), u=uuid.UUID(int=0), d=datetime.date(2020, 1, 2), m=Markup("<")))
    app.json_encoder = PointEncoder
    with app.app_context():
        outside = json.dumps([Point(2)])
    return [
        text(None, app=app),
        outside,
        json.dumps({"b": 1, "a": Point(3)}, app=app),
        app.json_encoder is PointEncoder,
    ]


@case
def an_encoder_of_the_class():
    class Own(Flask):
        json_encoder = PointEncoder

    app = Own("own")
    app.add_url_rule("/", "view", lambda: jsonify(Point(1)))
    return [text(None, app=app), Flask.json_encoder is JSONEncoder, Flask.json_decoder is JSONDecoder]


@case
def an_encoder_of_the_blueprint():
    blueprint = Blueprint("b", __name__)
    blueprint.json_encoder = UpperEncoder
    blueprint.add_url_rule("/b", "b", lambda: jsonify(a="b"))
    app = app_of(lambda: jsonify(a="b"))
    app.register_blueprint(blueprint)
    return [text(None, app=app), text(None, "/b", app=app), app.blueprints["b"].json_decoder]


@case
def a_decoder():
    app = app_of(lambda: repr(request.get_json()), methods=["POST"])
    app.json_decoder = PairsDecoder
    response = client_of(app).post("/", data='{"a": {"b": 1}}', content_type="application/json")
    return [response.get_data(as_text=True), json.loads('{"a": 1}', app=app), json.loads('{"a": 1}')]


@case
def keys_for_json():
    seen = {}
    for key, value in [
        ("JSON_AS_ASCII", False),
        ("JSON_SORT_KEYS", False),
        ("JSONIFY_PRETTYPRINT_REGULAR", True),
        ("JSONIFY_MIMETYPE", "application/vnd.x+json"),
        ("DEBUG", True),
    ]:
        app = app_of(lambda: jsonify(b="ü", a=[1, {"c": 2}]))
        app.config[key] = value
        response = client_of(app).get("/")
        seen[key] = [response.get_data(as_text=True), response.mimetype]
    return seen


@case
def json_by_hand():
    app = app_of(lambda: "")
    file = io.StringIO()
    json.dump({"b": 1, "a": 2}, file)
    with app.app_context():
        inside = [
            json.dumps({"b": "ü", "a": 1}),
            jsonify().get_data(as_text=True),
            jsonify(1, 2).get_data(as_text=True),
        ]
        inside += [
            str(json.dumps("ü", encoding="utf-8")),
            json.loads(b'{"a": "\xc3\xbc"}'),
            raised(jsonify, 1, a=2),
        ]
        inside += [
            json.htmlsafe_dumps("</script>&'"),
            json.dumps({"b": 1, "a": 2}, sort_keys=False, indent=1),
        ]
        inside += [json.load(io.BytesIO(b"[1]"))]
    return [
        inside,
        file.getvalue(),
        json.dumps({"b": 1, "a": uuid.UUID(int=1)}),
        json.detect_encoding(b"\0{"),
    ]


@case
def json_in_templates():
    def view():
        return flask.render_template_string("{{ value|tojson }}", value={"b": "<'&>", "a": Point(1)})

    app = app_of(view)
    app.json_encoder = PointEncoder
    return text(None, app=app)


# configuration


@case
def the_environment():
    app = app_of(lambda: "")
    seen = [app.env, app.config["ENV"], app.debug, flask.helpers.get_env()]
    os.environ["FLASK_ENV"] = "development"
    try:
        app = app_of(lambda: "")
        seen += [app.env, app.config["ENV"], app.debug, flask.helpers.get_debug_flag()]
        os.environ["FLASK_DEBUG"] = "0"
        app = app_of(lambda: "")
        seen += [app.env, app.debug]
    finally:
        del os.environ["FLASK_ENV"], os.environ["FLASK_DEBUG"]
    return seen


@case
def keys_of_the_time():
    config = app_of(lambda: "").config
    names = ["ENV", "JSON_AS_ASCII", "JSON_SORT_KEYS", "JSONIFY_PRETTYPRINT_REGULAR", "JSONIFY_MIMETYPE"]
    names.append("PRESERVE_CONTEXT_ON_EXCEPTION")
    return [config[name] for name in names] + [str(config["SEND_FILE_MAX_AGE_DEFAULT"])]


@case
def attributes_for_keys():
    app = app_of(lambda: "")
    seen = [
        app.session_cookie_name,
        str(app.send_file_max_age_default),
        app.use_x_sendfile,
        app.propagate_exceptions,
    ]
    seen += [app.templates_auto_reload, app.preserve_context_on_exception, app.env]
    app.session_cookie_name = "other"
    app.send_file_max_age_default = 5
    app.use_x_sendfile = True
    app.templates_auto_reload = True
    app.env = "staging"
    app.testing = True
    seen += [
        app.config["SESSION_COOKIE_NAME"],
        str(app.send_file_max_age_default),
        app.config["USE_X_SENDFILE"],
    ]
    seen += [app.config["TEMPLATES_AUTO_RELOAD"], app.config["ENV"], app.propagate_exceptions]
    return seen


@case
def configuration_from_json(tmp="config.json"):
    folder = os.getcwd()
    with open(os.path.join(folder, tmp), "w") as file:
        python_json.dump({"KEY": "value", "low": 1}, file)
    config = Config(folder)
    return [
        config.from_json(tmp),
        dict(config),
        raised(config.from_json, "no.json"),
        config.from_json("no.json", silent=True),
    ]


# requests and responses


@case
def json_of_other_types():
    app = app_of(lambda: jsonify([request.json, request.get_json(force=True, silent=True)]), methods=["POST"])
    client = client_of(app)
    answers = [
        client.post("/", data=data, content_type=type_)
        for data, type_ in [
            ("{}", "text/plain"),
            ("{", "text/plain"),
            ("[1]", "application/json"),
            ("[1]", "application/x+json"),
        ]
    ]
    broken = client.post("/", data="{", content_type="application/json")
    return [[answer.get_data(as_text=True) for answer in answers], broken.status_code]


@case
def json_that_fails_as_the_class_says():
    class Own(flask.Request):
        def on_json_loading_failed(self, e):
            return type(e).__name__ if e is not None else "no error"

    app = app_of(lambda: jsonify(request.get_json()), methods=["POST"])
    app.request_class = Own
    client = client_of(app)
    return [
        client.post("/", data="{", content_type=type_).get_data(as_text=True)
        for type_ in ("application/json", "text/plain")
    ]


@case
def charsets():
    return text(
        lambda: (
            f"{request.charset} {flask.Response().charset} {request.url_charset} {request.encoding_errors}"
        )
    )


@case
def cookies_of_bytes():
    def view():
        response = flask.make_response("")
        response.set_cookie("a", b"caf\xc3\xa9")
        response.set_cookie("b", "text", max_age=5)
        return response

    response = client_of(app_of(view)).get("/")
    return [cookie.partition(";")[0] for cookie in response.headers.getlist("Set-Cookie")]


@case
def redirects():
    app = app_of(lambda: flask.redirect(url_for("other")))
    app.add_url_rule("/other/", "other", lambda: "")
    client = client_of(app)
    return [client.get(path).headers["Location"] for path in ("/", "/other")]


@case
def the_session_by_the_application():
    app = app_of(lambda: "")
    with app.test_request_context("/"):
        opened = app.open_session(request)
        opened["a"] = 1
        response = app.response_class()
        app.save_session(opened, response)
        return ["session=" in response.headers["Set-Cookie"], type(app.make_null_session()).__name__]


@case
def sessions():
    def view():
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    app = app_of(view)
    client = client_of(app)
    seen = [client.get("/").get_data(as_text=True) for _ in range(2)]
    for name in ("example.com:80", "localhost:80", "127.0.0.1:80"):
        app = app_of(view)
        app.config["SERVER_NAME"] = name
        cookie = client_of(app).get("/", base_url=f"http://{name}").headers["Set-Cookie"].lower()
        seen.append(sorted(part.strip() for part in cookie.replace("=.", "=").split(";")[1:]))
    return seen


# blueprints


@case
def names_with_dots():
    blueprint = Blueprint("shop.admin", __name__)
    blueprint.add_url_rule("/a", "a", lambda: f"{request.blueprint} {request.endpoint} {url_for('.a')}")
    blueprint.before_request(lambda: flask.g.setdefault("seen", "before") and None)
    blueprint.after_request(lambda response: response.headers.extend({"X-G": flask.g.seen}) or response)
    app = app_of(lambda: url_for("shop.admin.a"))
    app.register_blueprint(blueprint, url_prefix="/shop")
    response = client_of(app).get("/shop/a")
    return [text(None, app=app), response.get_data(as_text=True), response.headers.getlist("X-G")]


@case
def a_blueprint_registered_twice():
    seen = []
    blueprint = Blueprint("b", __name__)
    blueprint.add_url_rule("/x", "x", lambda lang=None: f"{lang} {request.path} {url_for('b.x', lang='z')}")
    blueprint.before_request(lambda: seen.append("before"))
    blueprint.before_app_request(lambda: seen.append("app"))
    blueprint.record_once(lambda state: seen.append("once"))
    blueprint.record(lambda state: seen.append(state.first_registration))
    app = app_of(lambda: "")
    app.register_blueprint(blueprint, url_defaults={"lang": "en"})
    app.register_blueprint(blueprint, url_prefix="/<lang>")
    answers = [text(None, path, app=app) for path in ("/x", "/de/x")]
    other = Blueprint("b", __name__)
    return [answers, seen, raised(app.register_blueprint, other) in ("AssertionError", "ValueError")]


@case
def recorded_after_the_registration():
    blueprint = Blueprint("b", __name__)
    app, later = app_of(lambda: ""), app_of(lambda: "")
    app.register_blueprint(blueprint)
    blueprint.add_url_rule("/x", "x", lambda: "x")
    later.register_blueprint(blueprint)
    return [text(None, "/x", app=app)[0], text(None, "/x", app=later)]


@case
def registering_by_an_override():
    class Own(Blueprint):
        def register(self, app, options, first_registration=False):
            app.config["REGISTERED"] = self.name
            super().register(app, options, first_registration)

    blueprint = Own("own", __name__)
    blueprint.add_url_rule("/x", "x", lambda: "x")
    app = app_of(lambda: "")
    app.register_blueprint(blueprint)
    return [app.config["REGISTERED"], text(None, "/x", app=app)]


# templates


@case
def extensions_of_jinja():
    class Own(Flask):
        jinja_options = dict(Flask.jinja_options)

    Own.jinja_options["extensions"] = [*Own.jinja_options["extensions"], "jinja2.ext.do", "jinja2.ext.with_"]
    app = Own("own")
    app.add_url_rule(
        "/",
        "view",
        lambda: flask.render_template_string(
            "{% with a = [] %}{% do a.append(1) %}{{ a }}{% endwith %}"
            "{% autoescape false %}{{ '<' }}{% endautoescape %}"
        ),
    )
    return [text(None, app=app), Flask.jinja_options["extensions"]]


# files


@case
def arguments_of_send_file():
    name = os.path.join(HERE, "cases.py")
    calls = {
        "attachment": lambda: send_file(name, as_attachment=True, attachment_filename="ä b.py"),
        "timeout": lambda: send_file(name, cache_timeout=7, add_etags=False),
        "positions": lambda: send_file(name, "text/x", True, "n.x", False, 9),
        "keyword": lambda: send_file(filename_or_fp="cases.py"),
        "bytes": lambda: send_file(io.BytesIO(b"abc"), attachment_filename="a.txt"),
        "folder": lambda: send_from_directory(HERE, filename="cases.py"),
        "folder by position": lambda: send_from_directory(
            ".", "cases.py", as_attachment=True, attachment_filename="c"
        ),
        "outside": lambda: send_from_directory(HERE, "../conftest.py"),
        "missing": lambda: send_from_directory(HERE, "no.py"),
    }
    seen = {}
    for what, view in calls.items():
        response = client_of(app_of(view)).get("/")
        headers = response.headers
        disposition = headers.get("Content-Disposition", "").replace("%20", " ").replace("=utf-8", "=UTF-8")
        seen[what] = [
            response.status_code,
            headers.get("Cache-Control"),
            bool(headers.get("ETag")),
            disposition,
        ]
        seen[what] += [headers.get("Content-Type"), response.status_code == 200 and len(response.get_data())]
    return seen


@case
def static_files():
    app = Flask("cases", root_path=HERE, static_folder=HERE)
    response = client_of(app).get(f"{app.static_url_path}/cases.py")
    headers = response.headers
    return [response.status_code, headers["Cache-Control"], "Expires" in headers, "ETag" in headers]


@case
def ranges_and_conditions():
    app = app_of(lambda: send_file("cases.py"))
    client = client_of(app)
    etag = client.get("/").headers["ETag"]
    answers = [
        client.get("/", headers=headers) for headers in ({"If-None-Match": etag}, {"Range": "bytes=0-1"})
    ]
    return [answer.status_code for answer in answers]


# the command line


@case
def factories_with_a_script_info():
    from click.testing import CliRunner
    from flask.cli import FlaskGroup, ScriptInfo

    app = app_of(lambda: "")
    app.cli.command("tell")(lambda: print(flask.current_app.name))
    seen = []
    for factory in (
        lambda: app,
        lambda info: seen.append(type(info).__name__) or app,
        lambda script_info: app,
    ):
        seen.append(ScriptInfo(create_app=factory).load_app() is app)
        result = CliRunner().invoke(FlaskGroup(create_app=factory), ["tell"])
        seen.append([result.exit_code, result.output])
    return seen


if __name__ == "__main__":
    tell()
