"""Applications that do not load: what is said, and where it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen import Erlen
from erlen.cli import NoAppException
from erlen.deploy.check.examined import Examined
from erlen.deploy.check.loading import root_of

from .applications import HEAD, examined, own_process

__all__ = ["examined", "own_process"]

Make = Callable[..., Examined]


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({"app.py": "1 / 0\n"}, "ZeroDivisionError in app.py:1: division by zero"),
        (
            {"app.py": "import shop\n", "shop.py": "\nraise ValueError\n"},
            "ValueError in shop.py:2: no message",
        ),
        ({"app.py": "def a(:\n"}, "SyntaxError in app.py:1: "),
        ({"app.py": "import nothing_of_this_name\n"}, "ModuleNotFoundError in app.py:1: No module named"),
        ({"app.py": "from flask import escape\n"}, "ImportError in app.py:1: "),
        ({"app.py": "raise SystemExit('no database')\n"}, "SystemExit in app.py:1: no database"),
        (
            {"app.py": "raise ValueError('\\x1b[31m\\n::error::')\n"},
            "ValueError in app.py:1: \\x1b[31m\\n::error::",
        ),
        ({"app.py": f"{HEAD}app.add_url_rule('/<nothing:a>', 'a')\n"}, "LookupError in app.py:3: "),
        (
            {
                "app.py": f"{HEAD}bp = Blueprint('b', __name__)\napp.register_blueprint(bp)\n"
                f"bp.before_request(print)\n"
            },
            "AssertionError in app.py:5: The setup method 'before_request' of blueprint 'b' was called after",
        ),
        (
            {
                "app.py": f"{HEAD}app.register_blueprint(Blueprint('b', __name__))\n"
                "app.register_blueprint(Blueprint('b', __name__))\n"
            },
            "ValueError in app.py:4: The name 'b' is already registered for a different blueprint",
        ),
        (
            {"app.py": f"{HEAD}app.test_client().get('/')\napp.before_request(print)\n"},
            "AssertionError in app.py:4: The setup method 'before_request' was called on application",
        ),
    ],
)
def test_what_it_raises_is_said_with_its_line(examined: Make, files: dict[str, str], text: str) -> None:
    with pytest.raises(NoAppException) as caught:
        examined(files)
    message = caught.value.format_message()
    assert message.startswith(f"The application does not load: {text}")
    assert "Traceback" not in message
    assert message.endswith(
        "Nothing was checked. Mend this first; with '--traceback' you see how it came there."
    ) or ("'erlen check --legacy'" in message)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("files", [{"other.py": ""}, {"app.py": "a = 1\n"}])
def test_what_the_command_line_says_anyway_stays(examined: Make, files: dict[str, str]) -> None:
    with pytest.raises(NoAppException, match=r"^(Could not import|There is no application in) "):
        examined(files)


def test_what_the_application_prints_is_no_part_of_the_report(
    examined: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    examined("print('made')\n")
    assert capsys.readouterr() == ("", "made\n")


def test_debug_mode_is_that_of_the_application(examined: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined("app.debug = True\n").app.debug


def test_the_root_is_the_folder_that_it_is_imported_from(examined: Make, tmp_path: Path) -> None:
    files = {
        "app.py": "from shop.web.site import app\n",
        "shop/__init__.py": "",
        "shop/web/__init__.py": "",
        "shop/web/site.py": HEAD,
    }
    assert examined(files).root == tmp_path


def test_the_root_of_an_installed_package_is_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "shop_installed"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (tmp_path / "site-packages" / "alone_installed.py").touch()
    (tmp_path / "site-packages" / "other_installed.py").write_text("a = 1\n")
    monkeypatch.syspath_prepend(package.parent)
    __import__("shop_installed")
    __import__("alone_installed")
    __import__("other_installed")
    try:
        assert root_of(Erlen("shop_installed")) == package
        alone = Examined(Erlen("alone_installed"), root_of(Erlen("alone_installed")))
        assert alone.root == package.parent
        assert [source.path.name for source in alone.sources] == ["alone_installed.py"]
    finally:
        for name in ("shop_installed", "alone_installed", "other_installed"):
            del sys.modules[name]
