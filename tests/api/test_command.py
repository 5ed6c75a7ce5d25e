"""`erlen openapi` writes, checks and compares the document."""

import json
import typing as t
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from erlen.cli import FlaskGroup

PROGRAM = """
from erlen import Erlen
from erlen.api import Api

app = Erlen(__name__, static_folder=None)
Api(app, title="Shop")


@app.get("/sizes/<int:number>")
def sizes(number: int, size: int = 1) -> list[int]:
    return [size]
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(*words: str, program: str = PROGRAM, name: str = "openapi_shop") -> Result:
        (tmp_path / f"{name}.py").write_text(program)
        return CliRunner().invoke(FlaskGroup(), ["--app", name, "openapi", *words])

    return run


def test_it_writes_the_document(run: t.Callable[..., Result], tmp_path: Path) -> None:
    printed = run()
    assert list(json.loads(printed.stdout)["paths"]) == ["/sizes/{number}"]
    assert run("--out", "openapi.json").exit_code == 0
    assert (tmp_path / "openapi.json").read_text() == printed.stdout


def test_it_checks_a_file(run: t.Callable[..., Result], tmp_path: Path) -> None:
    run("--out", "openapi.json")
    assert run("--check", "openapi.json").exit_code == 0
    text = (tmp_path / "openapi.json").read_text()
    (tmp_path / "openapi.json").write_text(text.replace('"Shop"', '"Old"'))
    checked = run("--check", "openapi.json")
    assert checked.exit_code == 1
    assert '-    "title": "Old"' in checked.output
    assert "erlen openapi --out openapi.json" in checked.output


def test_it_lists_changes(run: t.Callable[..., Result], tmp_path: Path) -> None:
    run("--out", "openapi.json")
    assert run("--diff", "openapi.json").output == "Nothing has changed for clients.\n"
    text = (tmp_path / "openapi.json").read_text()
    (tmp_path / "openapi.json").write_text(text.replace('"name": "size"', '"name": "width"'))
    compared = run("--diff", "openapi.json")
    assert compared.exit_code == 1
    assert compared.output.splitlines() == [
        "breaking: GET /sizes/{number}: the query parameter 'width' is gone",
        "other: GET /sizes/{number}: the query parameter 'size' is new",
    ]


@pytest.mark.parametrize("content", ["{", "[]"])
def test_what_is_no_document_is_refused(run: t.Callable[..., Result], tmp_path: Path, content: str) -> None:
    (tmp_path / "old.json").write_text(content)
    assert run("--diff", "old.json").exit_code == 1
    assert "old.json is no" in run("--diff", "old.json").output


def test_it_explains(run: t.Callable[..., Result]) -> None:
    assert run("--explain").output.splitlines() == [
        "GET /sizes/{number} (sizes)",
        "  number: path, since a variable of the rule",
        "  size: query, since its type is simple",
        "  -> 200: list",
    ]


def test_without_an_api_it_says_so(run: t.Callable[..., Result]) -> None:
    done = run(program="from erlen import Erlen\napp = Erlen(__name__)\n", name="openapi_none")
    assert (done.exit_code, "has no Api" in done.output) == (1, True)


def test_of_several_one_is_chosen(run: t.Callable[..., Result]) -> None:
    program = (
        "from erlen import Blueprint, Erlen\nfrom erlen.api import Api\napp = Erlen(__name__)\n"
        "for name in 'ab':\n    blueprint = Blueprint(name, __name__, url_prefix=f'/{name}')\n"
        "    Api(blueprint, title=name)\n    app.register_blueprint(blueprint)\n"
    )
    several = run(program=program, name="openapi_two")
    assert (several.exit_code, "There is: 'a', 'b'" in several.output) == (1, True)
    assert json.loads(run("--api", "b", program=program, name="openapi_two").output)["info"]["title"] == "b"
    assert run("--api", "c", program=program, name="openapi_two").exit_code == 1


def test_a_mistake_in_a_view_is_an_error_with_its_message(run: t.Callable[..., Result]) -> None:
    program = PROGRAM + "\n@app.get('/x')\ndef wrong(a) -> list[int]:\n    return []\n"
    done = run(program=program, name="openapi_wrong")
    assert done.exit_code == 1
    assert "Nothing supplies 'a'" in done.output
