"""Blueprints as Flask 1.1 had them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erlen import Blueprint, Flask, request, url_for
from erlen.declare.blueprint import BlueprintSetupState


@pytest.mark.usefixtures("of_1_1")
@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_a_name_may_have_dots(protocol: str) -> None:
    seen = []
    blueprint = Blueprint("shop.admin", __name__)
    blueprint.add_url_rule("/a", "a", lambda: " ".join([str(request.blueprint), url_for(".a")]))
    blueprint.before_request(lambda: seen.append(request.endpoint))
    blueprint.errorhandler(KeyError)(lambda error: "handled")
    blueprint.add_url_rule("/fails", "fails", lambda: {}["x"])
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    client = app.test_client(protocol=protocol)
    assert client.get("/a").text == "shop.admin /a"
    assert client.get("/fails").text == "handled"
    assert seen == ["shop.admin.a", "shop.admin.fails"]


@pytest.mark.usefixtures("of_1_1")
def test_one_may_be_registered_twice_under_its_name(tmp_path: Path) -> None:
    seen: list[Any] = []
    blueprint = Blueprint("b", __name__, static_folder=tmp_path, static_url_path="/static", url_prefix="/b")
    (tmp_path / "a.txt").write_text("a")
    blueprint.add_url_rule("/x", "x", lambda: request.path)
    blueprint.before_request(lambda: seen.append("before"))
    blueprint.record_once(lambda state: seen.append("once"))

    @blueprint.record
    def record(state: BlueprintSetupState) -> None:
        seen.append(state.first_registration)

    app = Flask(__name__)
    app.register_blueprint(blueprint)
    app.register_blueprint(blueprint, url_prefix="/c")
    client = app.test_client()
    assert [client.get(path).text for path in ("/b/x", "/c/x")] == ["/b/x", "/c/x"]
    assert seen == ["once", True, False, "before", "before"]
    assert client.get("/c/static/a.txt", buffered=True).text == "a"


@pytest.mark.usefixtures("of_1_1")
def test_another_blueprint_may_not_have_its_name() -> None:
    app = Flask(__name__)
    app.register_blueprint(Blueprint("b", __name__))
    with pytest.raises(ValueError, match="already registered for a different blueprint"):
        app.register_blueprint(Blueprint("b", __name__))


@pytest.mark.usefixtures("of_1_1")
def test_what_comes_after_the_registration_is_for_the_next_one() -> None:
    blueprint = Blueprint("b", __name__)
    first, second = Flask("first"), Flask("second")
    first.register_blueprint(blueprint)
    blueprint.add_url_rule("/x", "x", lambda: "x")
    second.register_blueprint(blueprint)
    assert [app.test_client().get("/x").status_code for app in (first, second)] == [404, 200]


@pytest.mark.usefixtures("of_1_1")
def test_it_warns_where_that_is_wanted() -> None:
    blueprint: Any = Blueprint("b", __name__)
    assert blueprint.warn_on_modifications is False
    blueprint.warn_on_modifications = True
    Flask(__name__).register_blueprint(blueprint)
    with pytest.warns(UserWarning, match="of blueprint 'b' was called after"):
        blueprint.add_url_rule("/x", "x", lambda: "x")


@pytest.mark.usefixtures("of_1_1")
def test_an_override_may_pass_the_third_argument() -> None:
    class Own(Blueprint):
        def register(self, app: Any, options: Any, first_registration: bool = False) -> None:
            super().register(app, options, first_registration)  # type: ignore[call-arg]

    app = Flask(__name__)
    app.register_blueprint(Own("own", __name__))
    assert list(app.blueprints) == ["own"]


@pytest.mark.usefixtures("of_2_2")
def test_flask_2_2_took_neither() -> None:
    with pytest.raises(ValueError, match="dot"):
        Blueprint("a.b", __name__)
    app, blueprint = Flask(__name__), Blueprint("b", __name__)
    app.register_blueprint(blueprint)
    with pytest.raises(ValueError, match="already registered for this blueprint"):
        app.register_blueprint(blueprint)
