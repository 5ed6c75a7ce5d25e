"""Do to each name of Flask what tools do to it, and print what comes of that; run once with each framework.

python probe.py flask  < /dev/null      prints {"names": …, "outcomes": …}
python probe.py erlen  < names.json     prints the outcomes for the names that Flask has
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
import functools
import importlib
import inspect
import io
import json
import os
import pickle
import re
import sys
import types
import typing as t
import warnings
import weakref
from collections.abc import Callable, Iterator
from unittest import mock

import flask
import flask.cli
import flask.testing
import flask.views
from werkzeug.local import LocalProxy

from tests.contract.flask_names import PRIVATE as PRIVATE_IN_MODULES
from tests.contract.flask_names import modules, names_of

Outcomes = dict[str, str]

PROTOCOL = os.environ.get("SCAN_PROTOCOL", "wsgi")

# Private by name, and read or replaced by others all the same.
PRIVATE = {
    **PRIVATE_IN_MODULES,
    "flask.app.Flask": ["_got_first_request", "_check_setup_finished", "_find_error_handler"],
    "flask.ctx.RequestContext": ["_session", "_after_request_functions"],
    "flask.testing.FlaskClient": ["_cookies", "_add_cookies_to_wsgi", "_request_from_builder_args"],
    "flask.cli.ScriptInfo": ["_loaded_app"],
}

# -- the names


def attributes_of(owner: object, path: str) -> list[str]:
    return sorted({name for name in dir(owner) if not name.startswith("_")} | set(PRIVATE.get(path, [])))


def is_flasks(value: object) -> bool:
    return isinstance(value, type) and value.__module__.partition(".")[0] in ("flask", "erlen")


def find_names() -> None:
    in_modules = {module: names_of(module) + PRIVATE_IN_MODULES.get(module, []) for module in modules()}
    classes: dict[str, list[str]] = {}
    instances: dict[str, list[str]] = {}
    for module, names in in_modules.items():
        for name in names:
            value = getattr(importlib.import_module(module), name)
            if is_flasks(value) and value.__module__ == module:
                classes[f"{module}.{name}"] = attributes_of(value, f"{module}.{name}")
    NAMES.update(modules=in_modules, classes=classes, instances=instances)
    for name in INSTANCES:
        with made(name) as instance:
            instances[name] = attributes_of(instance, label(type(instance)))


# -- what comes of something, in words that are the same with both frameworks


@functools.cache
def labels() -> dict[type, str]:
    """Return the class behind each path that Flask has, with that path."""
    found: dict[type, str] = {}
    for path in sorted(NAMES["classes"], key=lambda path: path.count(".")):
        module, _, name = path.rpartition(".")
        # Flask's bases without input and output are no classes of their own in Erlen: the first path stays.
        found.setdefault(getattr(importlib.import_module(module), name), path)
    return found


def label(cls: type) -> str:
    """Return the name of a class: of a private subclass, that of its first base with a public name."""
    for base in cls.__mro__:
        if base in labels():
            return labels()[base]
        if base.__module__.partition(".")[0] not in ("flask", "erlen"):
            return (
                base.__qualname__
                if base.__module__ == "builtins"
                else f"{base.__module__}.{base.__qualname__}"
            )
    return "object"


def neutral(text: str) -> str:
    text = re.sub(r"0x[0-9a-fA-F]+", "0x", text)
    text = re.sub(r"id='\d+'", "id=", text)
    text = re.sub(r"\berlen\b", "flask", text)
    return re.sub(r"\bErlen\b", "Flask", text)


def describe(value: object) -> str:
    if value is MARK:
        return "what was set"
    if type(value) is Said:
        return value
    if value is None or type(value) in (bool, int, float, str, bytes):
        text = neutral(repr(value))
        return text if len(text) < 100 else type(value).__name__
    if issubclass(type(value), LocalProxy):
        return "a proxy"
    if isinstance(value, mock.NonCallableMock):
        return type(value).__name__
    if isinstance(value, type):
        return f"class {label(value)}"
    if inspect.isfunction(value) or inspect.ismethod(value) or inspect.isbuiltin(value):
        return "function"
    if hasattr(type(value), "__get__"):
        return "function" if callable(value) else "descriptor"
    return f"a {label(type(value))}"


def outcome(action: Callable[[], object]) -> str:
    try:
        return describe(action())
    except Exception as error:
        return f"raises {label(type(error))}"


def alone(made: t.ContextManager[t.Any], action: Callable[[t.Any], object], ends: bool = True) -> str:
    """Do something to a new object, with context variables of its own; tell how the end of its context goes.

    Not where the object was left without something, or with something else: *ends* says so.
    """

    def run() -> str:
        result = ""
        try:
            with made as obj:
                result = outcome(lambda: action(obj))
        except Exception as error:
            if ends:
                result += f", its end raises {label(type(error))}"
        return result

    return contextvars.copy_context().run(run)


# -- instances, each with what it needs around it

MARK: t.Any = object()


class Said(str):
    """What a step says itself, in place of an object."""


def small_app() -> t.Any:
    app = flask.Flask("scan", static_folder=None)
    app.secret_key = "k"
    app.testing = True

    @app.route("/")
    def index() -> str:
        return "index"

    return app


class Item(flask.views.MethodView):
    def get(self) -> str:
        return "item"


INSTANCES: dict[str, Callable[[contextlib.ExitStack], t.Any]] = {}


def instance(make: Callable[[contextlib.ExitStack], t.Any]) -> Callable[[contextlib.ExitStack], t.Any]:
    INSTANCES[make.__name__.replace("_", " ")] = make
    return make


@contextlib.contextmanager
def made(name: str) -> Iterator[t.Any]:
    with contextlib.ExitStack() as stack:
        yield INSTANCES[name](stack)


@instance
def application(stack: contextlib.ExitStack) -> t.Any:
    return small_app()


@instance
def served_application(stack: contextlib.ExitStack) -> t.Any:
    app = small_app()
    app.test_client(**BY).get("/")
    return app


@instance
def blueprint(stack: contextlib.ExitStack) -> t.Any:
    return flask.Blueprint("part", "scan")


@instance
def setup_state(stack: contextlib.ExitStack) -> t.Any:
    return flask.Blueprint("part", "scan").make_setup_state(small_app(), {}, first_registration=True)


@instance
def request(stack: contextlib.ExitStack) -> t.Any:
    return context(stack).request


@instance
def served_request(stack: contextlib.ExitStack) -> t.Any:
    return served_context(stack).request


@instance
def request_of_an_environ(stack: contextlib.ExitStack) -> t.Any:
    return flask.Request(environ())


def environ() -> dict[str, t.Any]:
    from werkzeug.test import create_environ

    return create_environ("/?a=b", method="POST", data={"c": "d"})


@instance
def response(stack: contextlib.ExitStack) -> t.Any:
    return flask.Response("text")


@instance
def made_response(stack: contextlib.ExitStack) -> t.Any:
    context(stack)
    return flask.make_response({"a": 1})


@instance
def response_of_a_stream(stack: contextlib.ExitStack) -> t.Any:
    return flask.Response(iter(["a", "b"]))


@instance
def served_response(stack: contextlib.ExitStack) -> t.Any:
    kept = []
    app = small_app()
    app.after_request(lambda response: kept.append(response) or response)
    app.test_client(**BY).get("/")
    return kept[0]


def context(stack: contextlib.ExitStack) -> t.Any:
    return stack.enter_context(small_app().test_request_context("/?a=b", method="POST", data={"c": "d"}))


@instance
def request_context(stack: contextlib.ExitStack) -> t.Any:
    return context(stack)


@instance
def request_context_not_pushed(stack: contextlib.ExitStack) -> t.Any:
    return small_app().test_request_context("/")


BY: dict[str, t.Any] = {} if PROTOCOL == "wsgi" else {"protocol": PROTOCOL}


def served_context(stack: contextlib.ExitStack) -> t.Any:
    app = small_app()
    client = stack.enter_context(app.test_client(**BY))
    client.get("/?a=b")
    return t.cast(t.Any, flask.globals.request_ctx)._get_current_object()


INSTANCES["served context"] = served_context


@instance
def app_context(stack: contextlib.ExitStack) -> t.Any:
    return stack.enter_context(small_app().app_context())


@instance
def app_context_not_pushed(stack: contextlib.ExitStack) -> t.Any:
    return small_app().app_context()


@instance
def app_context_of_a_request(stack: contextlib.ExitStack) -> t.Any:
    served_context(stack)
    return t.cast(t.Any, flask.globals.app_ctx)._get_current_object()


@instance
def namespace(stack: contextlib.ExitStack) -> t.Any:
    app_context(stack)
    flask.g.number = 1
    return t.cast(t.Any, flask.g)._get_current_object()


@instance
def session(stack: contextlib.ExitStack) -> t.Any:
    return context(stack).session


@instance
def null_session(stack: contextlib.ExitStack) -> t.Any:
    return flask.sessions.SecureCookieSessionInterface().make_null_session(small_app())


@instance
def session_interface(stack: contextlib.ExitStack) -> t.Any:
    return flask.sessions.SecureCookieSessionInterface()


@instance
def client(stack: contextlib.ExitStack) -> t.Any:
    return small_app().test_client()


@instance
def runner(stack: contextlib.ExitStack) -> t.Any:
    return small_app().test_cli_runner()


@instance
def environ_builder(stack: contextlib.ExitStack) -> t.Any:
    return flask.testing.EnvironBuilder(small_app(), "/")


@instance
def configuration(stack: contextlib.ExitStack) -> t.Any:
    return small_app().config


@instance
def provider(stack: contextlib.ExitStack) -> t.Any:
    return small_app().json


@instance
def serializer(stack: contextlib.ExitStack) -> t.Any:
    return flask.json.tag.TaggedJSONSerializer()


@instance
def script_info(stack: contextlib.ExitStack) -> t.Any:
    return flask.cli.ScriptInfo(create_app=small_app)


@instance
def application_group(stack: contextlib.ExitStack) -> t.Any:
    return flask.cli.AppGroup("group")


@instance
def flask_group(stack: contextlib.ExitStack) -> t.Any:
    return flask.cli.FlaskGroup(create_app=small_app)


@instance
def view(stack: contextlib.ExitStack) -> t.Any:
    return Item()


@instance
def view_function(stack: contextlib.ExitStack) -> t.Any:
    return Item.as_view("item")


@instance
def environment(stack: contextlib.ExitStack) -> t.Any:
    return small_app().jinja_env


@instance
def the_proxy_request(stack: contextlib.ExitStack) -> t.Any:
    context(stack)
    return flask.request


@instance
def the_proxy_session(stack: contextlib.ExitStack) -> t.Any:
    context(stack)
    return flask.session


@instance
def the_proxy_current_app(stack: contextlib.ExitStack) -> t.Any:
    context(stack)
    return flask.current_app


@instance
def the_proxy_g(stack: contextlib.ExitStack) -> t.Any:
    context(stack)
    flask.g.number = 1
    return flask.g


@instance
def the_proxy_request_ctx(stack: contextlib.ExitStack) -> t.Any:
    context(stack)
    return flask.globals.request_ctx


@instance
def the_proxy_app_ctx(stack: contextlib.ExitStack) -> t.Any:
    context(stack)
    return flask.globals.app_ctx


# -- what tools do to an attribute of an instance


def do(obj: t.Any, name: str, *steps: str) -> object:
    """Set, delete and get in turn; return what the last step gives."""
    result: object = Said("done")
    for step in steps:
        if step == "set":
            setattr(obj, name, MARK)
            result = getattr(obj, name)
        elif step == "delete":
            delattr(obj, name)
            result = Said("done")
        else:
            result = getattr(obj, name)
    return result


def patched(obj: t.Any, name: str, **options: t.Any) -> object:
    with mock.patch.object(obj, name, **options) as stand_in:
        during = getattr(obj, name)
        if options:
            kind = "function" if inspect.isfunction(during) else type(during).__name__
        else:
            kind = "patched" if during is stand_in else "not patched"
    after = outcome(lambda: getattr(obj, name))
    return Said(f"{kind}, then {after}")


def replaced(obj: t.Any, name: str) -> object:
    """Do what pytest's monkeypatch does."""
    old = getattr(obj, name)
    setattr(obj, name, MARK)
    setattr(obj, name, old)
    return getattr(obj, name)


INSTANCE_STEPS: dict[str, Callable[[t.Any, str], object]] = {
    "get": lambda obj, name: getattr(obj, name),
    "set": lambda obj, name: do(obj, name, "set"),
    "delete": lambda obj, name: do(obj, name, "delete"),
    "delete-get": lambda obj, name: do(obj, name, "delete", "get"),
    "get-delete-get": lambda obj, name: do(obj, name, "get", "delete", "get"),
    "set-delete": lambda obj, name: do(obj, name, "set", "delete"),
    "set-delete-get": lambda obj, name: do(obj, name, "set", "delete", "get"),
    "get-set-delete-get": lambda obj, name: do(obj, name, "get", "set", "delete", "get"),
    "set-delete-set": lambda obj, name: do(obj, name, "set", "delete", "set"),
    "patch": patched,
    "autospec": lambda obj, name: patched(obj, name, autospec=True),
    "replace": replaced,
    "vars": lambda obj, name: name in vars(obj),
    "get-vars": lambda obj, name: (getattr(obj, name), name in vars(obj))[1],
    "set-vars": lambda obj, name: (setattr(obj, name, MARK), name in vars(obj))[1],
}


LEAVE_ALL_AS_IT_WAS = ("get", "patch", "autospec", "replace", "vars", "get-vars")


def of_instances() -> Iterator[tuple[str, str]]:
    for name, attributes in NAMES["instances"].items():
        yield from of_object(f"({name})", lambda name=name: made(name))
        for attribute in attributes:
            for what, step in INSTANCE_STEPS.items():
                yield (
                    f"({name}).{attribute}: {what}",
                    alone(
                        made(name),
                        lambda obj: step(obj, attribute),  # noqa: B023
                        ends=what in LEAVE_ALL_AS_IT_WAS,
                    ),
                )


# -- what tools do to an object


def pickled(obj: t.Any) -> object:
    again = pickle.loads(pickle.dumps(obj))
    return Said("the same") if again is obj else again


def copied(obj: t.Any) -> object:
    again = copy.copy(obj)
    return Said("the same") if again is obj else again


def deeply_copied(obj: t.Any) -> object:
    again = copy.deepcopy(obj)
    return Said("the same") if again is obj else again


def referenced(obj: t.Any) -> object:
    return weakref.ref(obj)() is obj


def signature(obj: t.Any) -> object:
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    found = inspect.signature(obj).parameters.values()
    names = (f"{stars.get(p.kind, '')}{p.name}{'' if p.default is p.empty else '='}" for p in found)
    return Said(", ".join(names))


def source(obj: t.Any) -> object:
    return bool(inspect.getsource(obj))


def through_a_proxy(obj: t.Any) -> object:
    cls = obj.__class__
    proxy = LocalProxy(lambda: obj)
    return Said(f"{isinstance(proxy, cls)} {proxy == obj} {describe(proxy.__class__)}")


def mocked(obj: t.Any) -> object:
    stand_in = mock.Mock(spec=obj)
    return isinstance(stand_in, obj if isinstance(obj, type) else obj.__class__)


def autospecced(obj: t.Any) -> object:
    stand_in = mock.create_autospec(obj)
    cls = obj if isinstance(obj, type) else obj.__class__
    return Said(f"{type(stand_in).__name__} {isinstance(stand_in, cls)}")


def represented(obj: t.Any) -> object:
    text = neutral(repr(sorted(obj) if isinstance(obj, frozenset) else obj))
    return Said(text if len(text) < 100 else "long")


OBJECT_STEPS: dict[str, Callable[[t.Any], object]] = {
    "repr()": represented,
    "type()": lambda obj: Said("a proxy" if isinstance(obj, LocalProxy) else label(type(obj))),
    "str(type())": lambda obj: Said(neutral(str(type(obj)))),
    "__class__": lambda obj: obj.__class__,
    "bool()": bool,
    "callable()": callable,
    "hash()": lambda obj: type(hash(obj)),
    "pickle": pickled,
    "copy": copied,
    "deepcopy": deeply_copied,
    "weakref": referenced,
    "through a proxy": through_a_proxy,
    "Mock(spec)": mocked,
    "create_autospec": autospecced,
    "getmembers": lambda obj: bool(inspect.getmembers(obj)),
    "signature": signature,
}


def of_object(path: str, make: Callable[[], t.ContextManager[t.Any]]) -> Iterator[tuple[str, str]]:
    for what, step in OBJECT_STEPS.items():
        yield f"{path}: {what}", alone(make(), step)


# -- what tools do to a class


def subclassed(cls: t.Any) -> object:
    return type("Own", (cls,), {"__module__": __name__})


def mocked_instance(cls: t.Any) -> object:
    return isinstance(mock.create_autospec(cls, instance=True, spec_set=True), cls)


CLASS_STEPS: dict[str, Callable[[t.Any], object]] = {
    **{name: OBJECT_STEPS[name] for name in ("repr()", "pickle", "copy", "deepcopy", "weakref", "signature")},
    **{name: OBJECT_STEPS[name] for name in ("Mock(spec)", "create_autospec", "getmembers")},
    "dotted name": lambda cls: Said(neutral(f"{cls.__module__}.{cls.__qualname__}")),
    "getsource": source,
    "subclass": subclassed,
    "create_autospec(instance)": mocked_instance,
    "isinstance(Mock)": lambda cls: isinstance(mock.Mock(spec=cls), cls),
}


@contextlib.contextmanager
def restored(owner: t.Any, name: str) -> Iterator[None]:
    """Put back what a step did to an attribute of a module or class."""
    missing = object()
    before = vars(owner).get(name, missing)
    try:
        yield
    finally:
        if vars(owner).get(name, missing) is not before:
            if before is missing:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


FUNCTION_STEPS: dict[str, Callable[[t.Any], object]] = {
    "signature": signature,
    "getsource": source,
    "pickle": pickled,
    "copy": copied,
    "deepcopy": deeply_copied,
    "weakref": referenced,
    "iscoroutinefunction": inspect.iscoroutinefunction,
}

OWNER_STEPS: dict[str, Callable[[t.Any, str], object]] = {
    "get": lambda owner, name: getattr(owner, name),
    "set": lambda owner, name: do(owner, name, "set"),
    "delete": lambda owner, name: do(owner, name, "delete"),
    "set-delete-get": lambda owner, name: do(owner, name, "set", "delete", "get"),
    "patch": patched,
    "autospec": lambda owner, name: patched(owner, name, autospec=True),
    "replace": replaced,
    "vars": lambda owner, name: name in vars(owner),
}


def of_owner(path: str, owner: t.Any, names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        for what, step in OWNER_STEPS.items():
            with restored(owner, name):
                yield f"{path}.{name}: {what}", outcome(lambda: step(owner, name))  # noqa: B023
        value = getattr(owner, name, None)
        if inspect.isroutine(value):
            for what, look in FUNCTION_STEPS.items():
                yield f"{path}.{name}: {what}", outcome(lambda: look(value))  # noqa: B023


def found(path: str) -> t.Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def of_modules() -> Iterator[tuple[str, str]]:
    for module, names in NAMES["modules"].items():
        yield from of_owner(module, importlib.import_module(module), names)
        for name in names:
            value = getattr(importlib.import_module(module), name, None)
            if not isinstance(value, (type, types.ModuleType)) and not inspect.isroutine(value):
                yield from of_object(f"{module}.{name}", lambda value=value: contextlib.nullcontext(value))


def of_classes() -> Iterator[tuple[str, str]]:
    for path, names in NAMES["classes"].items():
        cls = found(path)
        for what, step in CLASS_STEPS.items():
            yield f"{path}: {what}", outcome(lambda: step(cls))  # noqa: B023
        yield from of_owner(path, cls, names)


# -- dotted names that are compared


def of_views() -> Iterator[tuple[str, str]]:
    app = flask.Flask("scan", static_folder="static")
    app.register_blueprint(flask.Blueprint("part", "scan", static_folder="static", url_prefix="/part"))
    app.add_url_rule("/item", view_func=Item.as_view("item"))
    for endpoint, function in sorted(app.view_functions.items()):
        yield f"view {endpoint}: dotted name", f"{function.__module__}.{function.__name__}"


NAMES: dict[str, t.Any] = {}


def main() -> None:
    warnings.simplefilter("ignore")
    given = sys.stdin.read()
    if given:
        NAMES.update(json.loads(given))
    else:
        find_names()
    parts = [of_instances] if PROTOCOL == "asgi" else [of_modules, of_classes, of_views, of_instances]
    if PROTOCOL == "asgi":
        names = [name for name in NAMES["instances"] if name.startswith("served") or "of a request" in name]
        NAMES["instances"] = {name: NAMES["instances"][name] for name in names}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        outcomes = dict(pair for part in parts for pair in part())
    json.dump({"names": NAMES, "outcomes": outcomes}, sys.stdout)


if __name__ == "__main__":
    main()
