"""The application: what it is made of, and what may be replaced."""

from __future__ import annotations

import gc
import inspect
import logging
import os
import sys
import types
import typing as t
import weakref
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.exceptions import Aborter, HTTPException
from werkzeug.routing import Map, Rule

import erlen
from erlen import Erlen
from tests.serve.beside import Framework, beside_flask, call, environ, outcome, told_alike

# What the configuration has beyond Flask's.
_BEYOND_FLASK = (
    "ASGI_",
    "WEBSOCKET_",
    "BACKGROUND_TASK_",
    "TRUSTED_PROX",
    "FORCE_HTTPS",
    "HSTS_",
    "STATIC_DIGEST",
    "TEMPLATES_",
)


def flasks(config: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the keys that Flask knows, sorted."""
    return {key: config[key] for key in sorted(config) if not key.startswith(_BEYOND_FLASK)}


# names

ARGUMENTS: tuple[dict[str, t.Any], ...] = (
    {},
    {"static_folder": None},
    {"static_url_path": "/files"},
    {"static_folder": "other", "static_url_path": "/x/"},
    {"template_folder": None},
    {"root_path": "/srv/app"},
    {"instance_path": "/srv/instance"},
    {"instance_path": "relative"},
    {"instance_path": "/srv/instance", "instance_relative_config": True},
    {"host_matching": True, "static_host": "static.test"},
    {"host_matching": True},
    {"static_host": "static.test"},
    {"host_matching": True, "static_folder": None},
    {"subdomain_matching": True},
    {"unknown": 1},
)


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize("name", ["my_app", "json", "a.b.c", "tests.test_app"])
def test_an_application_is_made_as_flask_makes_one(name: str, arguments: dict[str, t.Any]) -> None:
    def story(framework: Framework) -> object:
        try:
            app = framework.Flask(name, **arguments)
        except (TypeError, ValueError, AssertionError) as error:
            return type(error)
        told = [app.name, app.import_name, app.root_path, app.instance_path, app.config.root_path]
        told += [app.static_folder, app.static_url_path, app.template_folder, app.has_static_folder]
        told += [app.url_map.host_matching, app.subdomain_matching]
        told += [(rule.rule, rule.endpoint, rule.host) for rule in app.url_map.iter_rules()]
        return [*told, list(flasks(app.config)), app.debug, app.testing]

    told_alike(story)


def test_a_relative_instance_path_is_named_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"absolute.*'relative'.*abspath"):
        Erlen("app", instance_path="relative")


@pytest.mark.parametrize("path", ["/srv/hello.py", "hello.py", "/srv/hello", None])
def test_a_program_is_named_after_its_file(path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    main = types.ModuleType("__main__")
    if path is not None:
        main.__file__ = path
    monkeypatch.setitem(sys.modules, "__main__", main)

    def story(framework: Framework) -> object:
        app = framework.Flask("__main__", root_path="/srv")
        before = app.name
        main.__file__ = "/srv/other.py"
        after = app.name
        app.name = "assigned"
        if path is None:
            del main.__file__
        else:
            main.__file__ = path
        return before, after, app.name

    told_alike(story)


@beside_flask
def test_signatures_are_flasks(framework: Framework) -> object:
    said = []
    for name in ("__init__", "run", "test_client", "url_for", "redirect", "add_url_rule", "open_resource"):
        signature = inspect.signature(getattr(framework.Flask, name))
        said.append([(one.name, one.kind, one.default) for one in signature.parameters.values()])
    return said


@beside_flask
def test_defaults_of_the_class_are_flasks(framework: Framework) -> object:
    app = framework.Flask("app")
    names = (
        "aborter_class",
        "config_class",
        "request_class",
        "response_class",
        "url_rule_class",
        "url_map_class",
    )
    bases = (Aborter, dict, object, object, Rule, Map)
    told = [issubclass(getattr(app, name), base) for name, base in zip(names, bases, strict=True)]
    told += [app.test_client_class, app.test_cli_runner_class, app.jinja_options, flasks(app.default_config)]
    told += [isinstance(app.session_interface, framework.sessions.SecureCookieSessionInterface)]
    told += [
        app.json_provider_class.__name__,
        app.app_ctx_globals_class.__name__,
        app.secret_key,
        app.testing,
    ]
    return [*told, app.permanent_session_lifetime, app.permanent_session_lifetime.total_seconds()]


# what a subclass says


@beside_flask
def test_a_subclass_may_say_what_is_made(framework: Framework) -> object:
    class Config(framework.Config):  # type: ignore[misc]
        pass

    class Provider(framework.json.provider.DefaultJSONProvider):  # type: ignore[misc]
        sort_keys = False

    class MyRule(Rule):
        pass

    class MyMap(Map):
        pass

    class MyAborter(Aborter):
        pass

    class Client(framework.testing.FlaskClient):  # type: ignore[misc]
        pass

    class App(framework.Flask):  # type: ignore[misc]
        config_class = Config
        json_provider_class = Provider
        url_rule_class = MyRule
        url_map_class = MyMap
        aborter_class = MyAborter
        test_client_class = Client
        jinja_options: t.ClassVar = {"trim_blocks": True}

        def make_config(self, instance_relative: bool = False) -> t.Any:
            config = super().make_config(instance_relative)
            config["MADE"] = True
            return config

    app = App("app")
    app.add_url_rule("/", "view", lambda: {"b": 1, "a": 2})
    told = [type(one).__name__ for one in (app.config, app.json, app.url_map, app.aborter, app.test_client())]
    told += [type(rule).__name__ for rule in app.url_map.iter_rules()]
    return [*told, app.config["MADE"], app.jinja_env.trim_blocks, call(app), call(app, "/nowhere").status]


@beside_flask
def test_a_subclass_may_have_plain_attributes_for_configured_ones(framework: Framework) -> object:
    class App(framework.Flask):  # type: ignore[misc]
        testing = True
        secret_key = "fixed"
        permanent_session_lifetime = timedelta(1)

    app = App("app")
    app.add_url_rule("/", "view", lambda: framework.session.setdefault("x", "y"))
    return app.testing, app.secret_key, app.config["TESTING"], app.config["SECRET_KEY"], call(app).status


@beside_flask
def test_a_subclass_may_do_things_before_the_constructor(framework: Framework) -> object:
    class App(framework.Flask):  # type: ignore[misc]
        def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
            self.mine = 1
            super().__init__(*args, **kwargs)
            self.mine += 1

        def add_url_rule(self, rule: str, *args: t.Any, **options: t.Any) -> None:
            super().add_url_rule(f"/prefix{rule}", *args, **options)

    app = App("app")
    app.add_url_rule("/", "view", lambda: "view")
    return app.mine, sorted(rule.rule for rule in app.url_map.iter_rules()), call(app, "/prefix/").body


# configuration


@beside_flask
def test_attributes_are_configuration_keys(framework: Framework) -> object:
    app = framework.Flask("app")
    app.testing, app.secret_key, app.permanent_session_lifetime, app.debug = True, b"key", 60, True
    keys = ("TESTING", "SECRET_KEY", "PERMANENT_SESSION_LIFETIME", "DEBUG")
    told = [app.config[key] for key in keys]
    app.config.update(
        TESTING=False, SECRET_KEY="other", PERMANENT_SESSION_LIFETIME=timedelta(days=2), DEBUG=False
    )
    told += [app.testing, app.secret_key, app.permanent_session_lifetime, app.debug]
    app.config["PERMANENT_SESSION_LIFETIME"] = 1.5
    return [*told, app.permanent_session_lifetime, type(framework.Flask.testing).__name__]


@pytest.mark.parametrize("reload", [None, True, False])
def test_debug_mode_reloads_templates(reload: bool | None) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.config["TEMPLATES_AUTO_RELOAD"] = reload
        told = [app.jinja_env.auto_reload]
        for value in (True, False):
            app.debug = value
            told.append(app.jinja_env.auto_reload)
        return told

    told_alike(story)


@pytest.mark.parametrize("value", [None, "1", "0", "true", "No", ""])
def test_the_environment_says_whether_debug_mode_is_on(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    if value is not None:
        monkeypatch.setenv("FLASK_DEBUG", value)
    told_alike(lambda framework: [framework.Flask("app").debug])


@beside_flask
def test_configuration_may_change_between_requests(framework: Framework) -> object:
    app = framework.Flask("app")
    app.logger.disabled = True
    app.add_url_rule("/", "view", lambda: framework.session.setdefault("n", "1"))
    app.add_url_rule("/fails", "fails", lambda: 1 // 0)
    told = [call(app).status]
    app.config["SECRET_KEY"] = "secret"
    told.append(call(app).status)
    app.config["SESSION_COOKIE_NAME"] = "biscuit"
    told.append(next(value for name, value in call(app).headers if name == "Set-Cookie").partition("=")[0])
    told.append(call(app, "/fails").status)
    app.config["TESTING"] = True
    told.append(outcome(call, app, "/fails"))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    told.append(call(app, "/fails").status)
    app.config["TRAP_HTTP_EXCEPTIONS"] = True
    told.append(call(app, "/nowhere").status)
    app.config["SESSION_COOKIE_PATH"] = "/path"
    told.append("Path=/path" in str(call(app).headers))
    return told


# collaborators


@beside_flask
def test_the_logger_is_called_as_the_application(framework: Framework) -> object:
    app = framework.Flask("logged_app")
    told = [app.logger.name, app.logger is app.logger, app.logger is logging.getLogger("logged_app")]
    app.logger = logging.getLogger("other")
    return [*told, app.logger.name]


@beside_flask
def test_the_aborter_may_know_more_errors(framework: Framework) -> object:
    class Odd(HTTPException):
        code = 499
        description = "odd"

    app = framework.Flask("app")
    app.aborter.mapping[499] = Odd
    app.add_url_rule("/", "view", lambda: framework.abort(499))
    app.add_url_rule("/unknown", "unknown", lambda: framework.abort(498))
    app.logger.disabled = True
    return call(app).body, call(app, "/unknown").status


@beside_flask
def test_collaborators_may_be_replaced_between_requests(framework: Framework) -> object:
    app = framework.Flask("app")
    app.secret_key = "secret"
    app.add_url_rule("/", "view", lambda: {"n": framework.session.setdefault("n", 1)})
    told: list[object] = [call(app).body]
    app.json = type("J", (framework.json.provider.JSONProvider,), {"dumps": lambda *_, **__: "mine"})(app)
    told.append(call(app).body)
    del app.json
    app.json = framework.json.provider.DefaultJSONProvider(app)
    app.json.compact = False
    told.append(call(app).body)
    app.response_class = type(
        "R", (framework.Response,), {"default_mimetype": "text/x", "default_status": 299}
    )
    app.view_functions["view"] = lambda: "text"
    told.append(call(app))
    del app.response_class
    told.append(call(app))
    app.request_class = type("Q", (framework.Request,), {"path": "patched"})
    app.view_functions["view"] = lambda: framework.request.method
    told.append(call(app).body)

    class Interface(framework.sessions.SessionInterface):  # type: ignore[misc]
        def open_session(self, app: object, request: object) -> None:
            told.append("opened")

        def save_session(self, app: object, session: object, response: object) -> None:
            told.append("saved")

    app.session_interface = Interface()
    told.append(call(app).status)
    del app.session_interface
    app.extensions = getattr(app, "extensions", {})
    return [*told, call(app).status, app.extensions]


@beside_flask
def test_attributes_of_ones_own_may_be_set(framework: Framework) -> object:
    app = framework.Flask("app")
    app.mine = 1
    app.extensions["x"] = 2
    return app.mine, app.extensions, "mine" in vars(app), outcome(lambda: app.missing)


@beside_flask
def test_a_name_deleted_from_the_instance_is_the_classes_again(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/", "view", lambda: "view")
    told = [outcome(delattr, app, "make_response"), call(app).body]
    app.make_response = lambda result: framework.Response("patched")
    told.append(call(app).body)
    del app.make_response
    return [*told, call(app).body]


# tests


@beside_flask
def test_a_made_up_request_is_made_of_a_builders_arguments(framework: Framework) -> object:
    app = framework.Flask("app")
    app.config.update(SERVER_NAME="erlen.test:8000", APPLICATION_ROOT="/root", PREFERRED_URL_SCHEME="https")
    told = []
    for args, kwargs in (
        (("/path?a=1",), {}),
        (("http://other.test/x",), {}),
        (("/",), {"subdomain": "sub"}),
        (("/",), {"base_url": "http://base.test/b/"}),
        (("/",), {"json": {"a": 1}, "method": "PUT"}),
        (("/",), {"query_string": {"q": "é"}, "headers": {"X-One": "1"}}),
    ):
        with app.test_request_context(*args, **kwargs):
            request = framework.request
            told.append(
                (request.url, request.method, request.get_json(silent=True), request.headers.get("X-One"))
            )
    with pytest.raises(AssertionError):
        app.test_request_context(base_url="http://x", subdomain="y")
    return told


@beside_flask
def test_clients_and_runners_are_of_the_classes_that_were_named(framework: Framework) -> object:
    app = framework.Flask("app")

    class Client(framework.testing.FlaskClient):  # type: ignore[misc]
        def __init__(self, *args: t.Any, mine: int = 0, **kwargs: t.Any) -> None:
            super().__init__(*args, **kwargs)
            self.mine = mine

    app.test_client_class = Client
    told = [app.test_client(mine=1).mine, app.test_client(use_cookies=False)._cookies]
    return [*told, type(app.test_cli_runner()).__name__, app.test_cli_runner(charset="latin1").charset]


# the object


@beside_flask
def test_an_application_is_a_wsgi_application(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/", "view", lambda: "view")
    started: list[object] = []
    body = app(environ(), lambda status, headers: started.append(status))
    return b"".join(body), started, callable(app)


def test_an_application_goes_without_the_garbage_collector() -> None:
    """A factory in each test makes many of them."""
    gc.collect()
    gc.disable()
    try:
        app = Erlen("app")
        gone = weakref.ref(app)
        del app
        assert gone() is None
    finally:
        gc.enable()


def test_the_class_is_called_as_in_flask() -> None:
    assert erlen.Flask is erlen.Erlen is erlen.app.Flask is erlen.app.App


def test_two_applications_have_nothing_in_common() -> None:
    one, two = Erlen("one"), Erlen("two")
    one.add_url_rule("/", "view", lambda: "one")
    one.before_request(lambda: None)
    one.config["X"] = 1
    one.extensions["x"] = 1
    one.jinja_env.globals["x"] = 1
    assert call(two).status == "404 NOT FOUND"
    assert not two.before_request_funcs
    assert "X" not in two.config
    assert two.extensions == {}
    assert "x" not in two.jinja_env.globals


@beside_flask
def test_an_instance_folder_is_found_beside_the_module(framework: Framework) -> object:
    app = framework.Flask("tests.test_app")
    return Path(app.instance_path).name, os.path.isabs(app.instance_path), app.auto_find_instance_path()
