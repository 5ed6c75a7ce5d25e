"""Functions that `flask.helpers` and its neighbours had."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from erlen import Flask
from erlen.legacy import helpers
from erlen.views import MethodView


@pytest.mark.parametrize(
    ("paths", "joined"),
    [
        (("a", "b", "c"), "a/b/c"),
        (("a", "b/../c"), "a/c"),
        (("a", ".."), None),
        (("a", "../b"), None),
        (("a", "/b"), None),
        (("a", "b/../../c"), None),
    ],
)
def test_paths_are_joined_or_not_found(paths: tuple[str, ...], joined: str | None) -> None:
    if joined is None:
        with pytest.raises(NotFound):
            helpers.safe_join(*paths)
    else:
        assert helpers.safe_join(*paths) == joined


def test_a_locked_property_is_computed_once() -> None:
    entered, go_on = threading.Event(), threading.Event()

    class Thing:
        calls = 0

        @helpers.locked_cached_property
        def value(self) -> int:
            entered.set()
            go_on.wait(10)
            self.calls += 1
            return self.calls

    thing, found = Thing(), []
    threads = [threading.Thread(target=lambda: found.append(thing.value)) for _ in range(3)]
    for thread in threads:
        thread.start()
    entered.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert found == [1, 1, 1]
    assert isinstance(Thing.value, helpers.locked_cached_property)
    thing.value = 5  # type: ignore[assignment]
    assert thing.value == 5


def test_seconds() -> None:
    assert helpers.total_seconds(timedelta(days=1, seconds=2, microseconds=999_999)) == 86402


@pytest.mark.parametrize(
    ("text", "is_one"), [("127.0.0.1", True), ("::1", True), ("a.b", False), ("", False)]
)
def test_addresses(text: str, is_one: bool) -> None:
    assert helpers.is_ip(text) is is_one


def test_json_for_templates() -> None:
    file = io.StringIO()
    helpers.htmlsafe_dump({"b": "<'&>"}, file)
    assert file.getvalue() == '{"b": "\\u003c\\u0027\\u0026\\u003e"}'
    assert type(helpers.htmlsafe_dumps(1)) is str
    assert helpers.htmlsafe_dumps(1, dumps=lambda obj: f"<{obj}>") == "\\u003c1\\u003e"
    assert helpers.tojson_filter("<") == Markup('"\\u003c"')


def test_the_builder_of_a_request() -> None:
    builder = helpers.make_test_environ_builder(Flask(__name__), "/a?b=c", None, "sub", "https")
    environ = builder.get_environ()
    builder.close()
    assert [environ[key] for key in ("PATH_INFO", "QUERY_STRING", "wsgi.url_scheme")] == [
        "/a",
        "b=c",
        "https",
    ]
    assert environ["HTTP_HOST"].startswith("sub.")


def test_the_metaclass_of_views() -> None:
    class View(MethodView, metaclass=helpers.MethodViewType):
        def get(self) -> str:
            return "get"

    class Derived(View):
        def post(self) -> str:
            return "post"

    class Own(Derived):
        methods = ["PUT"]  # type: ignore[assignment]

    kinds: tuple[Any, ...] = (View.methods, Derived.methods, Own.methods)
    assert kinds == ({"GET"}, {"GET", "POST"}, ["PUT"])


def test_what_is_said_of_an_ignored_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers.explain_ignored_app_run()
    assert "app.run()" in capsys.readouterr().err
    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    helpers.explain_ignored_app_run()
    assert capsys.readouterr().err == ""
