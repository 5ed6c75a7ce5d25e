"""An Api is the scope of an application or a blueprint; several stand side by side."""

import gc
import typing as t
import weakref
from typing import Annotated

import msgspec
import pytest

import erlen
from erlen import Blueprint, Erlen
from erlen.api import Api, Bearer


def show(size: int = 1) -> list[int]:
    return [size]


def versions() -> tuple[Erlen, Api, Api]:
    app = Erlen("app", static_folder=None)
    first, second = Blueprint("v1", "app", url_prefix="/v1"), Blueprint("v2", "app", url_prefix="/v2")
    apis = Api(first, title="One"), Api(second, title="Two", version="2.0", description="The second.")
    for blueprint in (first, second):
        blueprint.add_url_rule("/sizes", "show", show)
        app.register_blueprint(blueprint)
    return app, *apis


def test_each_has_its_own_document() -> None:
    app, first, second = versions()
    client = app.test_client()
    assert list(client.get("/v1/openapi.json").json["paths"]) == ["/v1/sizes"]
    document = client.get("/v2/openapi.json").json
    assert document["info"] == {"title": "Two", "version": "2.0", "description": "The second."}
    assert list(document["paths"]) == ["/v2/sizes"]
    assert first.document(app)["info"]["title"] == "One"
    assert app.extensions["erlen.api"] == [first, second]


class Name(msgspec.Struct):
    name: str


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_view_belongs_to_the_innermost_api_around_it(order: tuple[int, ...]) -> None:
    app = Erlen("app", static_folder=None)
    parent = Blueprint("parent", "app", url_prefix="/parent")
    child = Blueprint("child", "app", url_prefix="/child")
    scopes: list[Erlen | Blueprint] = [app, parent, child]
    apis = {scope.name: Api(scope) for scope in (scopes[index] for index in order)}
    for scope in scopes:
        apis[scope.name].provider(provider_of(scope.name))
        scope.add_url_rule("/name", "view", name_of)
    parent.register_blueprint(child)
    app.register_blueprint(parent)

    client = app.test_client()
    for name, path in {"app": "/name", "parent": "/parent/name", "child": "/parent/child/name"}.items():
        assert client.get(path).json == {"name": name}
        assert list(apis[name].document(app)["paths"]) == [path]


def name_of(name: Name) -> Name:
    return name


def provider_of(name: str) -> t.Callable[[], Name]:
    def provide() -> Name:
        return Name(name)

    return provide


def test_a_blueprint_may_be_registered_twice() -> None:
    app = Erlen("app", static_folder=None)
    blueprint = Blueprint("shop", "app")
    api = Api(blueprint)
    blueprint.add_url_rule("/sizes", "show", show)
    app.register_blueprint(blueprint, url_prefix="/a")
    app.register_blueprint(blueprint, url_prefix="/b", name="again")
    client = app.test_client()
    assert client.get("/a/sizes?size=2").json == client.get("/b/sizes?size=2").json == [2]
    assert sorted(api.document(app)["paths"]) == ["/a/sizes", "/b/sizes"]
    assert app.extensions["erlen.api"] == [api]


def test_a_nested_blueprint_is_in_the_scope_of_the_outer_one() -> None:
    app = Erlen("app", static_folder=None)
    outer, inner = (
        Blueprint("outer", "app", url_prefix="/outer"),
        Blueprint("inner", "app", url_prefix="/inner"),
    )
    Api(outer)
    inner.add_url_rule("/sizes", "show", show)
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    assert app.test_client().get("/outer/inner/sizes?size=3").json == [3]


def test_a_document_of_a_blueprint_needs_the_application() -> None:
    with pytest.raises(TypeError, match="needs the application"):
        Api(Blueprint("shop", "app")).document()


def test_document_and_page_may_be_left_out_or_elsewhere() -> None:
    app = Erlen("app", static_folder=None)
    Api(app, document="/spec.json", page=None)
    client = app.test_client()
    assert client.get("/spec.json").status_code == 200
    assert client.get("/docs").status_code == 404
    other = Erlen("other", static_folder=None)
    Api(other, document=None)
    assert other.test_client().get("/openapi.json").status_code == 404


def test_a_decorator_may_be_described_by_a_scheme() -> None:
    from functools import wraps

    app = Erlen("app", static_folder=None)
    api = Api(app)

    def login_required(view: t.Any) -> t.Any:
        @wraps(view)
        def check(**values: t.Any) -> t.Any:
            return view(**values)

        return check

    api.secured_by(login_required, Bearer())

    @app.get("/")
    @login_required
    def index() -> list[int]:
        return [1]

    operation = api.document()["paths"]["/"]["get"]
    assert operation["security"] == [{"bearer": []}]
    assert "401" in operation["responses"]


def test_an_untyped_view_beside_an_api_takes_not_one_call_more() -> None:
    from tests.architecture.test_hops import by_wsgi, calls_of_all

    def application(with_api: bool) -> Erlen:
        app = Erlen("app", static_folder=None)
        if with_api:
            Api(app)
        app.add_url_rule("/", "plain", lambda: "x")
        return app

    counts = [
        calls_of_all(by_wsgi(application(with_api), "/", method="GET", data=None))
        for with_api in (False, True)
    ]
    assert counts[0] == counts[1]


def test_importing_erlen_imports_neither_msgspec_nor_the_api() -> None:
    import subprocess
    import sys

    program = "import sys, erlen, erlen.cli; print([n for n in ('msgspec', 'erlen.api') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_its_repr_names_title_and_scope() -> None:
    app = Erlen("shop")
    assert repr(Api(app, title="Shop")) == f"<Api 'Shop' of {app!r}>"
    assert erlen.__name__ == "erlen"
    assert Annotated is not None


@pytest.mark.parametrize("is_asked", [False, True], ids=["never asked", "asked"])
@pytest.mark.parametrize("kind", ["application", "blueprint"])
def test_an_application_with_an_api_is_freed_when_nobody_has_it_any_more(kind: str, is_asked: bool) -> None:
    def served() -> tuple[t.Any, Api]:
        app = Erlen("app", static_folder=None)
        scope = app if kind == "application" else Blueprint("shop", "app")
        api = Api(scope)
        scope.add_url_rule("/sizes", "show", show)
        if isinstance(scope, Blueprint):
            app.register_blueprint(scope)
        if is_asked:
            assert app.test_client().get("/sizes?size=3").json == [3]
        return weakref.ref(app), api

    gc.collect()
    gc.disable()
    try:
        reference, api = served()
        assert reference() is None
    finally:
        gc.enable()
    if kind == "application":
        with pytest.raises(ReferenceError, match="the Api 'app' is gone"):
            api.document()
        assert repr(api) == "<Api 'app' of None>"
