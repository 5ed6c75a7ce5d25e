"""What `python -m bench.api` prints and writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import compare, floors
from bench.api.__main__ import main
from bench.kinds import API


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "result.json"
    words = ["--quick", "--cases", "typed-query,typed-faults", "--frameworks", "erlen,falcon,erlen_pydantic"]
    assert main([*words, "--output", str(path)]) == 0
    return path


def test_the_result_says_what_was_measured_and_where(output: Path) -> None:
    result = json.loads(output.read_text())
    taken = {
        protocol: {case["name"]: set(case["microseconds"]) for case in cases}
        for protocol, cases in result["typed"].items()
    }
    assert taken["wsgi"] == {"typed-query": {"erlen", "falcon"}, "typed-faults": {"erlen"}}
    assert taken["asgi"] == {name: {"erlen", "erlen_pydantic"} for name in ("typed-query", "typed-faults")}
    assert result["routes"] == {}
    assert {"erlen", "falcon", "msgspec", "pydantic"} <= result["versions"].keys()


@pytest.mark.parametrize(
    ("option", "start"), [([], "WSGI "), (["--markdown"], "| WSGI |"), (["--json"], "{")]
)
def test_an_earlier_result_is_shown_again(output: Path, capsys, option: list[str], start: str) -> None:
    assert main(["--show", str(output), *option]) == 0
    assert capsys.readouterr().out.startswith(start)


def test_people_are_told_which_floors_are_reached(output: Path, capsys) -> None:
    main(["--show", str(output)])
    assert "≥ 1.5× by falcon" in capsys.readouterr().out


def test_there_is_a_table_for_each_protocol_and_for_models_of_pydantic(output: Path) -> None:
    text = API.as_markdown(json.loads(output.read_text()))
    assert [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")].count("| ---") == 3
    assert "| ASGI, models of pydantic | Erlen, pydantic |" in text


def test_results_are_compared_by_protocol(output: Path) -> None:
    result = json.loads(output.read_text())
    rows = compare.rows(result, result)
    assert ("asgi, the same with three faults", "erlen_pydantic") in [(row[0], row[1]) for row in rows]
    assert {row[4] for row in rows} == {"1.00"}


def test_every_case_has_a_floor_for_each_peer_that_takes_part() -> None:
    for peers in floors.TYPED.values():
        for peer, needed in peers.items():
            assert [name for name, floor in needed.items() if floor is None] == (
                ["typed-faults"] if peer == "falcon" else []
            )
