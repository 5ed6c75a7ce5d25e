"""A blueprint that overrides `register` without calling its parent's is registered all the same."""

from __future__ import annotations

from typing import Any

import pytest

import erlen


class Own(erlen.Blueprint):
    def register(self, app: Any, options: dict[str, Any], first_registration: bool = False) -> None:
        state = self.make_setup_state(app, options, first_registration)
        for deferred in self.deferred_functions:
            deferred(state)


@pytest.mark.usefixtures("of_1_1")
def test_its_views_and_its_templates_are_found(tmp_path: Any) -> None:
    (tmp_path / "page.html").write_text("page of {{ request.blueprint }}")
    blueprint = Own("own", __name__, template_folder=str(tmp_path))
    blueprint.add_url_rule("/", "index", lambda: erlen.render_template("page.html"))
    app = erlen.Flask(__name__)
    app.register_blueprint(blueprint)
    assert app.blueprints == {"own": blueprint}
    assert app.test_client().get("/").text == "page of own"
