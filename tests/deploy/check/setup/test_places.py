"""Where rules are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.deploy.check.examined import Examined
from erlen.deploy.check.setup.places import place_of_blueprint, place_of_rule
from tests.deploy.check.applications import HEAD

VIEWS = """\
@app.route("/a")
@app.get("/b")
def view(): return ""
def other(): return ""
app.add_url_rule(
    "/c", view_func=other)
app.add_url_rule(rule="/d", view_func=other)
app.add_url_rule("/e".lower(), view_func=other)
bp = Blueprint(
    "bp", __name__, static_folder="files")
@bp.route("/f")
def third(): return ""
app.register_blueprint(bp, url_prefix="/g")
app.add_url_rule("/h", "h", dict)
@app.websocket("/i")
async def socket(): pass
"""


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("/a", 3),
        ("/b", 4),
        ("/c", 7),
        ("/d", 9),
        ("/e", 6),
        ("/g/f", 13),
        ("/g/files/<path:filename>", 11),
        ("/h", None),
        ("/i", 17),
        ("/static/<path:filename>", None),
    ],
)
def test_the_line_of_each_rule(
    examined: Callable[..., Examined], tmp_path: Path, rule: str, line: int | None
) -> None:
    made = examined({"app.py": HEAD + VIEWS, "files/a": ""})
    (found,) = (each for each in made.app.url_map.iter_rules() if each.rule == rule)
    place = place_of_rule(made, found)
    assert place == (None if line is None else (tmp_path / "app.py", line))


def test_a_view_of_another_module_is_where_it_is_registered_or_written(
    examined: Callable[..., Examined], tmp_path: Path
) -> None:
    made = examined(
        {
            "app.py": f"{HEAD}import views\napp.add_url_rule('/a', 'a', views.view)\n",
            "views.py": "\ndef view(): return ''\n",
        }
    )
    (found,) = made.app.url_map.iter_rules("a")
    assert place_of_rule(made, found) == (tmp_path / "app.py", 4)


def test_a_blueprint_is_where_it_is_made(examined: Callable[..., Examined], tmp_path: Path) -> None:
    made = examined({"app.py": HEAD + VIEWS, "files/a": ""})
    assert place_of_blueprint(made, made.app.blueprints["bp"]) == (tmp_path / "app.py", 11)
