"""Environment files are read as python-dotenv reads them."""

from __future__ import annotations

import io

import pytest
from dotenv import dotenv_values
from hypothesis import example, given, settings
from hypothesis import strategies as st

from erlen.deploy.env.statements import line_of, statements, values_of
from tests.amounts import part_of

PARTS = st.sampled_from(
    [
        "A",
        "B",
        "export ",
        "=",
        "'",
        '"',
        "\\",
        "#",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "\x0b",
        "\x85",
        "n",
        "火腿",
        "x",
    ]
)
LINES = st.sampled_from(
    [
        *(
            "A=1",
            "B = two words # comment",
            "export A='x y'",
            'B="a\\nb"',
            "A='one\ntwo'",
            "A",
            "# A=1",
            "A=#1",
        ),
        *(
            "A='open",
            'B="open',
            "=1",
            "'A B'=1",
            "A='x' junk",
            "export",
            "export=1",
            "B=it's",
            "A=\\'",
            "A='\\\\'",
        ),
    ]
)
TEXTS = st.lists(PARTS, max_size=12).map("".join) | st.lists(LINES, max_size=5).map("\n".join)


@given(TEXTS)
@example("A=1 \x0b# x")
@example("A='x'\x0b")
@settings(max_examples=part_of(400), deadline=None)
def test_values_are_those_of_python_dotenv(text: str) -> None:
    # A stream as it is: text files would turn line breaks into one form.
    assert values_of(text) == dotenv_values(stream=io.StringIO(text, newline=""), interpolate=False)


@given(TEXTS)
@settings(max_examples=part_of(200), deadline=None)
def test_the_statements_are_the_whole_text(text: str) -> None:
    found = statements(text)
    assert "".join(text[each.start : each.end] for each in found) == text
    assert all(each.start <= each.value_start <= each.value_end <= each.end for each in found)


@pytest.mark.parametrize("value", ["1", "'x y'", '"a\\nb"', "'one\ntwo'"])
def test_a_statement_knows_where_its_value_is_written(value: str) -> None:
    text = f"# first\n\nexport A = {value}  # last\nB=2"
    statement = statements(text)[1]
    assert (statement.name, text[statement.value_start : statement.value_end]) == ("A", value)
    assert line_of(text, statement.value_start) == 3
