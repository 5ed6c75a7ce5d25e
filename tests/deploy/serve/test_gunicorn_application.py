"""What gunicorn's workers load."""

from __future__ import annotations

from pathlib import Path

import pytest

from erlen import Erlen
from erlen.deploy.serve.errors import APPLICATION
from erlen.deploy.serve.gunicorn_application import application
from erlen.deploy.serve.root_path import Under


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module of its own for each test, since modules stay imported."""
    path = tmp_path / f"shop_{tmp_path.name}.py"
    path.write_text("from erlen import Erlen\napp = Erlen(__name__)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return path


def test_without_a_root_path_it_is_the_application_itself(program: Path) -> None:
    app = application(program.stem, "", False)
    assert isinstance(app, Erlen)
    assert not app.config.get("LOG_ACCESS")


def test_a_root_path_is_put_before_it(program: Path) -> None:
    below = application(program.stem, "/shop", False)
    assert isinstance(below, Under)
    assert isinstance(below.application, Erlen)


def test_the_access_log_is_erlens(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("erlen.deploy.logs.init_app", lambda app, **options: asked.extend((app, options)))
    app = application(program.stem, "", True)
    assert asked == [app, {"LOG_ACCESS": True}]


REFUSED = """
from erlen import Erlen
app = Erlen(__name__)
app.add_url_rule("/", "show", lambda: "")
app.view_adapters.append(lambda route, view: route.endpoint.nothing)
"""


@pytest.mark.parametrize("code", ["import no_such_module", "app = 1", "raise SystemExit(7)", REFUSED])
def test_an_application_that_does_not_load_ends_the_worker(
    code: str, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program.write_text(code)
    with pytest.raises(SystemExit) as caught:
        application(program.stem, "", False)
    assert caught.value.code == APPLICATION
    assert capsys.readouterr().err.splitlines()[-1].startswith("erlen serve: ")
