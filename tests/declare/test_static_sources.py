"""Who names and sends static files instead of the application."""

from __future__ import annotations

import typing as t
from pathlib import Path, PurePath

import pytest
from werkzeug.routing import BuildError

from erlen import Blueprint, Erlen, Response, url_for
from erlen.declare.static_sources import MANIFEST, names_of_endpoints, source_in
from tests.calls import count_calls

EMPTY = '{"format": 1, "names": {}, "versions": {}, "rewritten": {}}'


class Source:
    """A source that says what it was asked for."""

    def __init__(self, **names: str) -> None:
        self.names = {f"{name}.css": version for name, version in names.items()}

    def send(self, owner: t.Any, filename: str) -> Response | None:
        return None if filename == "plain.css" else Response(f"{owner.name}: {filename}")


@pytest.fixture
def app(tmp_path: Path) -> Erlen:
    for folder in ("static", "blog"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plain.css").write_text("plain")
    app = Erlen("shop", root_path=str(tmp_path))
    blog = Blueprint("blog", "blog", static_folder="blog", url_prefix="/blog", root_path=str(tmp_path))
    app.register_blueprint(blog)
    app.static_sources[str(tmp_path / "static")] = Source(app="app-1.css", other="sub/x y.css")
    app.static_sources[str(tmp_path / "blog")] = Source(app="app-2.css")

    @app.get("/page/<name>/<path:filename>")
    def page(name: str, filename: str) -> str:
        return name

    return app


@pytest.mark.parametrize(
    ("endpoint", "values", "url"),
    [
        ("static", {"filename": "app.css"}, "/static/app-1.css"),
        ("static", {"filename": "other.css"}, "/static/sub/x%20y.css"),
        ("static", {"filename": "app.css", "v": 1}, "/static/app-1.css?v=1"),
        ("static", {"filename": "app.css", "_anchor": "x"}, "/static/app-1.css#x"),
        ("static", {"filename": "app.css", "_external": True}, "http://localhost/static/app-1.css"),
        (
            "static",
            {"filename": "app.css", "_scheme": "https", "_external": True},
            "https://localhost/static/app-1.css",
        ),
        ("static", {"filename": "app.css", "_method": "HEAD"}, "/static/app-1.css"),
        ("static", {"filename": "unknown.css"}, "/static/unknown.css"),
        ("static", {"filename": "/app.css"}, "/static//app.css"),
        ("static", {"filename": PurePath("app.css")}, "/static/app.css"),
        ("static", {"filename": 5}, "/static/5"),
        ("blog.static", {"filename": "app.css"}, "/blog/static/app-2.css"),
        ("blog.static", {"filename": "other.css"}, "/blog/static/other.css"),
        ("page", {"name": "x", "filename": "app.css"}, "/page/x/app.css"),
    ],
)
def test_urls_have_the_sources_names(app: Erlen, endpoint: str, values: dict[str, t.Any], url: str) -> None:
    url = url.replace("/blog/static", "/blog/blog")
    with app.test_request_context():
        # The first is built by the general way, the others by the plan.
        assert [url_for(endpoint, **values) for _ in range(3)] == [url] * 3
        assert [app.url_for(endpoint, **values) for _ in range(2)] == [url] * 2


@pytest.mark.parametrize("general", ["a default function", "an override", "a script name", "no plan"])
def test_the_general_way_has_them_too(app: Erlen, general: str) -> None:
    before = ""
    options: dict[str, t.Any] = {}
    if general == "a default function":
        app.url_defaults(lambda endpoint, values: values.setdefault("v", "2"))
    if general == "an override":
        app.create_url_adapter = app.create_url_adapter  # type: ignore[method-assign]
    if general == "a script name":
        options["base_url"], before = "http://localhost/mounted", "/mounted"
    with app.test_request_context(**options):
        if general == "no plan":
            app.config["OTHER"] = 1
        urls = [url_for("static", filename="app.css").removesuffix("?v=2") for _ in range(3)]
        assert urls == [f"{before}/static/app-1.css"] * 3


def test_a_name_that_a_default_function_brings_is_replaced(app: Erlen) -> None:
    app.url_defaults(lambda endpoint, values: values.setdefault("filename", "app.css"))
    with app.test_request_context():
        assert [url_for("static") for _ in range(3)] == ["/static/app-1.css"] * 3


def test_urls_without_a_request_have_them(app: Erlen) -> None:
    app.config["SERVER_NAME"] = "shop.example"
    with app.app_context():
        assert url_for("static", filename="app.css") == "http://shop.example/static/app-1.css"
        assert url_for("blog.static", filename="app.css") == "http://shop.example/blog/blog/app-2.css"


def test_templates_have_them(app: Erlen) -> None:
    app.add_url_rule("/", view_func=lambda: t.cast("str", render(app)))
    assert [app.test_client().get("/").text for _ in range(3)] == [
        "/static/app-1.css /blog/blog/app-2.css"
    ] * 3


def render(app: Erlen) -> str:
    template = app.jinja_env.from_string(
        "{{ url_for('static', filename='app.css') }} {{ url_for('blog.static', filename='app.css') }}"
    )
    return template.render()


def test_an_error_is_the_same(app: Erlen) -> None:
    with app.test_request_context():
        for endpoint, values in (("static", {}), ("none.static", {"filename": "app.css"})):
            with pytest.raises(BuildError):
                url_for(endpoint, **t.cast("dict[str, t.Any]", values))


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_files_are_asked_of_the_source_and_then_of_the_folder(app: Erlen, protocol: str) -> None:
    client = app.test_client(protocol=protocol)
    paths = ("/static/app-1.css", "/static/plain.css", "/blog/blog/x/y.css", "/blog/blog/plain.css")
    answers = [client.get(path, buffered=True).text for path in (*paths, *paths)]
    assert answers == ["shop: app-1.css", "plain", "blog: x/y.css", "plain"] * 2


def test_an_entry_may_be_set_while_requests_run(app: Erlen, tmp_path: Path) -> None:
    with app.test_request_context():
        assert url_for("static", filename="app.css") == "/static/app-1.css"
        app.static_sources[str(tmp_path / "static")] = Source(app="app-3.css")
        assert [url_for("static", filename="app.css") for _ in range(3)] == ["/static/app-3.css"] * 3
        app.static_sources[str(tmp_path / "static")] = None
        assert [url_for("static", filename="app.css") for _ in range(3)] == ["/static/app.css"] * 3
    assert app.test_client().get("/static/plain.css", buffered=True).text == "plain"


def test_another_folder_has_another_source(app: Erlen, tmp_path: Path) -> None:
    with app.test_request_context():
        assert url_for("static", filename="app.css") == "/static/app-1.css"
        app.static_folder = str(tmp_path / "blog")
        assert [url_for("static", filename="app.css") for _ in range(3)] == ["/static/app-2.css"] * 3


# who is found


def test_a_folder_without_a_manifest_is_looked_at_once(app: Erlen, tmp_path: Path) -> None:
    app.static_sources.clear()
    folder = str(tmp_path / "static")
    assert source_in(app, folder) is None
    (tmp_path / "static" / MANIFEST).write_text(EMPTY)
    assert source_in(app, folder) is None
    assert names_of_endpoints(app) == {}


@pytest.mark.parametrize(
    ("key", "debug", "found"),
    [
        (None, False, True),
        (None, True, False),
        (True, True, True),
        (True, False, True),
        (False, False, False),
    ],
)
def test_the_key_and_the_debug_mode_decide(
    app: Erlen, tmp_path: Path, key: bool | None, debug: bool, found: bool
) -> None:
    app.static_sources.clear()
    (tmp_path / "static" / MANIFEST).write_text(EMPTY)
    app.config.update(STATIC_DIGEST=key, DEBUG=debug)
    assert (source_in(app, str(tmp_path / "static")) is not None) is found


def test_a_configuration_without_the_key_is_one_with_its_default(app: Erlen, tmp_path: Path) -> None:
    app.static_sources.clear()
    (tmp_path / "static" / MANIFEST).write_text(EMPTY)
    del app.config["STATIC_DIGEST"]
    assert source_in(app, str(tmp_path / "static")) is not None


def test_finding_one_does_not_make_the_plan_stale(app: Erlen) -> None:
    app.static_sources.clear()
    client = app.test_client()
    client.get("/page/x/y")
    plan = app.request_planner.plan
    assert plan is not None
    client.get("/static/plain.css", buffered=True)
    client.get("/blog/blog/plain.css", buffered=True)
    assert app.request_planner.plan is plan


def test_a_name_costs_two_calls_and_other_urls_nothing(app: Erlen) -> None:
    def calls(endpoint: str, **values: str) -> int:
        with app.test_request_context():
            url_for(endpoint, **values)
            url_for(endpoint, **values)
            return count_calls(lambda: url_for(endpoint, **values))

    with_names = calls("static", filename="app.css"), calls("page", name="x", filename="app.css")
    for folder in list(app.static_sources):
        app.static_sources[folder] = None
    without = calls("static", filename="app.css"), calls("page", name="x", filename="app.css")
    # The link of the names, and what it asks: whether the name is text, and for its other name.
    assert with_names[0] - without[0] <= 3
    assert with_names[1] == without[1]
