"""Which copy a client may have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.deploy.static_digest.negotiation import LONGEST, _choose, choose

ALL = ("br", "zstd", "gzip")


@pytest.mark.parametrize(
    ("header", "order"),
    [
        (None, ["identity"]),
        ("", ["identity"]),
        ("gzip", ["gzip", "identity"]),
        ("GZIP", ["gzip", "identity"]),
        ("x-gzip", ["gzip", "identity"]),
        ("gzip, deflate, br, zstd", ["br", "zstd", "gzip", "identity"]),
        ("br;q=0.5, gzip", ["gzip", "br", "identity"]),
        ("br;q=0.5, gzip;Q=0.9 , zstd ; q=1.000", ["zstd", "gzip", "br", "identity"]),
        ("br;q=0, gzip", ["gzip", "identity"]),
        ("*", ["br", "zstd", "gzip", "identity"]),
        ("*;q=0", ["identity"]),
        ("br;q=0, *", ["zstd", "gzip", "identity"]),
        ("gzip;q=0.5, *;q=0.1", ["gzip", "br", "zstd", "identity"]),
        ("identity", ["identity"]),
        ("identity, gzip", ["gzip", "identity"]),
        ("identity, gzip;q=0.5", ["identity"]),
        ("identity;q=0.5, gzip;q=0.4, br;q=0.6", ["br", "identity"]),
        ("identity;q=0, gzip", ["gzip", "identity"]),
        ("identity;q=1, *;q=0", ["identity"]),
        # Nothing that there is: the file itself, as if the client had not said so.
        ("identity;q=0", ["identity"]),
        ("identity;q=0, deflate", ["identity"]),
        ("deflate", ["identity"]),
        # What cannot be read counts for nothing.
        ("gzip;q=2", ["identity"]),
        ("gzip;q=0.1234", ["identity"]),
        ("gzip;q=-1", ["identity"]),
        ("gzip;q=", ["identity"]),
        ("gzip;q", ["identity"]),
        ("gzip;q=1;x=1", ["identity"]),
        ("gzip;q=nan, br", ["br", "identity"]),
        ("gzip;q=\N{ARABIC-INDIC DIGIT ONE}, br", ["br", "identity"]),
        ("g zip, br", ["br", "identity"]),
        (",,;q=1,, br,", ["br", "identity"]),
        ("\x00gzip, br\n", ["identity"]),
        ("gzip, gzip;q=0", ["gzip", "identity"]),
        ("gzip;q=0, gzip", ["identity"]),
    ],
)
def test_the_clients_preference_decides_and_then_the_order_of_the_copies(
    header: str | None, order: list[str]
) -> None:
    assert list(choose(header, ALL)) == order


def test_without_copies_there_is_nothing_to_choose() -> None:
    assert choose("gzip", ()) == ("identity",)


def test_a_header_of_the_greatest_length_is_read_and_a_longer_one_is_not() -> None:
    longest = f"gzip,{'x' * (LONGEST - 5)}"
    assert choose(longest, ALL) == ("gzip", "identity")
    assert choose(f"{longest}x", ALL) == ("identity",)


@pytest.mark.parametrize("text", ["gzip;q=", " ", ",", ";", "a;q=0.000 ", "\t", "gzip ;"])
@pytest.mark.parametrize("length", [LONGEST, 1_000_000])
def test_a_hostile_header_gets_the_file_itself(text: str, length: int) -> None:
    assert choose((text * length)[:length], ALL) == ("identity",)


def test_few_headers_are_remembered() -> None:
    for number in range(1000):
        choose(f"gzip, x{number}", ALL)
    assert _choose.cache_info().currsize <= 256


@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.tuples(
                st.sampled_from((*ALL, "identity", "*", "x", "x-gzip")),
                st.sampled_from(("", ";q=0", ";q=1", ";q=0.5", "; q=0.001", ";q=x")),
            ).map("".join),
            max_size=5,
        ).map(", ".join),
    ),
    st.lists(st.sampled_from(ALL), unique=True).map(tuple),
)
def test_only_what_there_is_comes_and_the_file_itself_at_the_end(
    header: str, codings: tuple[str, ...]
) -> None:
    order = choose(header, codings)
    assert order[-1] == "identity"
    assert set(order[:-1]) <= set(codings)
    assert len(set(order)) == len(order)
    assert not any(f"{coding};q=0" in header.split(", ")[:1] for coding in order[:-1])
