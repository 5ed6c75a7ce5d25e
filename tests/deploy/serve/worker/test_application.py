"""How a worker finds its application, and by which protocol it is served."""

from __future__ import annotations

from pathlib import Path

import pytest

import erlen
from erlen.deploy.serve import errors
from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.worker.application import choose_interface, is_coroutine_view, load, one_line
from erlen.views import MethodView, View


async def coroutine() -> str:
    return ""


def plain() -> str:
    return ""


class PlainView(View):
    def dispatch_request(self) -> str:
        return ""


class AsyncMethods(MethodView):
    async def get(self) -> str:
        return ""


@pytest.mark.parametrize(
    ("view", "is_coroutine"),
    [
        (plain, False),
        (coroutine, True),
        (PlainView.as_view("view"), False),
        (AsyncMethods.as_view("view"), True),
    ],
)
def test_a_coroutine_view_is_seen(view: object, is_coroutine: bool) -> None:
    assert is_coroutine_view(view) is is_coroutine  # type: ignore[arg-type]


def app_with(*views: object) -> erlen.Erlen:
    app = erlen.Erlen("shop")
    for number, view in enumerate(views):
        app.add_url_rule(f"/{number}", f"view{number}", view)  # type: ignore[arg-type]
    return app


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        ((), ("wsgi", "all views are plain")),
        ((plain,), ("wsgi", "all views are plain")),
        ((plain, coroutine), ("asgi", "the view 'view1' is a coroutine function")),
    ],
)
def test_the_protocol_is_chosen_by_the_views(views: tuple[object, ...], expected: tuple[str, str]) -> None:
    assert choose_interface(app_with(*views), "auto") == expected


def test_a_websocket_needs_asgi() -> None:
    app = app_with(plain)
    app.websocket("/chat")(coroutine)
    assert choose_interface(app, "auto") == ("asgi", "/chat is a WebSocket")


@pytest.mark.parametrize("asked", ["wsgi", "asgi"])
def test_who_asks_for_a_protocol_gets_it(asked: str) -> None:
    assert choose_interface(app_with(coroutine), asked)[0] == asked  # type: ignore[arg-type]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("FLASK_DEBUG", raising=False)
    return tmp_path / f"shop_{tmp_path.name.replace('-', '_')}.py"


def test_an_application_is_loaded_as_by_the_command_line(program: Path) -> None:
    program.write_text("import erlen\ndef create_app(name): return erlen.Erlen(name)\n")
    assert load(f"{program.stem}:create_app('made')").import_name == "made"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import erlen\napp = erlen.Erlen('x')\napp.debug = True", "Debug mode is on"),
        ("raise SystemExit(4)", "SystemExit: 4"),
        ("raise KeyboardInterrupt", "could not be loaded: KeyboardInterrupt"),
        ("app = 1 / 0", "ZeroDivisionError: division by zero"),
        ("import nothing_there", "cannot be imported: ModuleNotFoundError"),
        ("", ""),
    ],
)
def test_what_can_not_be_served_is_one_line(
    code: str, says: str, program: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program.write_text(code)
    with pytest.raises(ServeError) as raised:
        load(program.stem)
    assert says in raised.value.message
    assert "\n" not in raised.value.message
    assert raised.value.status == errors.APPLICATION


def test_debug_mode_in_the_environment_is_refused(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write_text("import erlen\napp = erlen.Erlen('x')\napp.debug = False")
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(ServeError, match="Debug mode is on"):
        load(program.stem)


@pytest.mark.parametrize(
    ("error", "line"),
    [(ValueError("a\nb  c"), "ValueError: a b c"), (KeyError(), "KeyError")],
)
def test_an_error_is_one_line(error: Exception, line: str) -> None:
    assert one_line(error) == line
