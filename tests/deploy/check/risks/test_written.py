"""The line that sets a key is found, however a program writes it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from erlen import Erlen
from erlen.deploy.check.examined import Examined
from erlen.deploy.check.finding import Place
from erlen.deploy.check.risks import written


def examined(folder: Path, **texts: str) -> Examined:
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return Examined(Erlen("shop"), folder)


@pytest.mark.parametrize(
    "line",
    [
        "SECRET_KEY = 'x'",
        "SECRET_KEY: str = 'x'",
        "app.config['SECRET_KEY'] = 'x'",
        "app.secret_key = 'x'",
        "app.config.update(SECRET_KEY='x')",
        "app.config.update({'SECRET_KEY': 'x'})",
        "app.config.from_mapping(SECRET_KEY='x')",
        "app.config.setdefault('SECRET_KEY', 'x')",
        "app.config['SECRET_KEY'] = os.environ.get('KEY', 'x')",
        "app.config['SECRET_KEY'] = os.environ.get('KEY') or 'x'",
        "class Config:\n    SECRET_KEY = 'x'",
        "a = app.config['SECRET_KEY'] = 'x'",
    ],
)
def test_a_line_that_sets_a_key_is_found(tmp_path: Path, line: str) -> None:
    app = examined(tmp_path, shop=f"# first\n{line}\n")
    app.app.config["SECRET_KEY"] = "x"
    assert written.place_of_setting(app, "SECRET_KEY") == Place(tmp_path / "shop.py", 2 + line.count("\n"))


@pytest.mark.parametrize(
    "line",
    [
        "SECRET_KEYS = 'x'",
        "print('SECRET_KEY')",
        "app.config['SECRET_KEY'] = 'y'",
        "x['A'] = 'x'",
        "f(x)['SECRET_KEY']",
    ],
)
def test_another_line_is_not(tmp_path: Path, line: str) -> None:
    app = examined(tmp_path, shop=line)
    app.app.config["SECRET_KEY"] = "x"
    assert written.place_of_setting(app, "SECRET_KEY") is None


def test_what_was_noted_goes_before_what_is_searched_for(tmp_path: Path) -> None:
    app = examined(tmp_path, shop="SECRET_KEY = 'x'")
    noted = Place(tmp_path / "other.py", 7)
    app.settings = {"SECRET_KEY": noted, "X": Place(tmp_path / "site-packages" / "x.py")}
    app.app.config.update(SECRET_KEY="x", X=1)
    assert written.place_of_setting(app, "SECRET_KEY") == noted
    assert written.place_of_setting(app, "X") is None
    assert written.place_of_setting(app, "DEBUG") is None


@pytest.mark.parametrize(
    ("text", "value", "has"),
    [
        ("True", True, True),
        ("1", True, False),
        ("debug and True", True, False),
        ("None", None, True),
        ("b'x'", b"x", True),
        ("'x'", b"x", False),
        ("f'{a}x'", "x", True),
        ("other", "other", False),
    ],
)
def test_a_value_is_told_from_others(text: str, value: object, has: bool) -> None:
    assert written.has_value(ast.parse(text, mode="eval").body, value) is has


@pytest.mark.parametrize("name", ["tests/test_shop.py", "test_shop.py", "conftest.py", "shop/tests/data.py"])
def test_tests_are_not_looked_at(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("breakpoint()")
    assert list(written.programs(examined(tmp_path))) == []
    assert written.place_of_call(examined(tmp_path), "breakpoint") is None


def test_a_folder_above_does_not_make_a_program_a_test(tmp_path: Path) -> None:
    root = tmp_path / "tests"
    root.mkdir()
    assert written.place_of_call(examined(root, shop="breakpoint()"), "breakpoint") == Place(
        root / "shop.py", 1
    )


def test_an_argument_is_a_constant_or_unknown() -> None:
    call = ast.parse("run(debug=True, host=name)", mode="eval").body
    assert isinstance(call, ast.Call)
    assert [written.argument(call, name) for name in ("debug", "host", "port")] == [True, None, None]
