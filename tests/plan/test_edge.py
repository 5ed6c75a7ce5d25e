"""What the configuration asks of the edge: its keys, and values that cannot be meant."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Any

import pytest

from erlen import Erlen
from erlen.config import DEFAULTS
from erlen.plan.edge import MOST_HOPS, Edge, compile_edge


def compiled(**keys: Any) -> Edge | None:
    return compile_edge({**DEFAULTS, **keys})


def proxies(given: Any, **keys: Any) -> Any:
    edge = compiled(TRUSTED_PROXIES=given, **keys)
    assert edge is not None
    return edge.proxies


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"TRUSTED_PROXIES": []},
        {"TRUSTED_PROXIES": " , "},
        # They say how, and nobody asks for it.
        {"TRUSTED_PROXY_HOPS": 2, "TRUSTED_PROXY_HEADERS": "Forwarded"},
        {"HSTS_PRELOAD": True, "HSTS_INCLUDE_SUBDOMAINS": True},
    ],
)
def test_where_nothing_is_asked_there_is_no_edge(keys: dict[str, Any]) -> None:
    assert compiled(**keys) is None


@pytest.mark.parametrize(
    "given",
    [
        "127.0.0.1, 10.0.0.0/8,::1",
        "127.0.0.1 10.0.0.0/8\n::1",
        ["127.0.0.1", "10.0.0.0/8", "::1"],
        ("127.0.0.1, ::1", ipaddress.ip_network("10.0.0.0/8")),
        {ipaddress.ip_address("127.0.0.1"), "10.0.0.0/8", ipaddress.ip_address("::1")},
    ],
)
def test_addresses_and_networks_are_given_as_text_or_as_a_collection(given: Any) -> None:
    trusted = proxies(given)
    known = ["127.0.0.1", "10.255.0.1", "::1"]
    assert [str(address) for address in map(ipaddress.ip_address, known) if trusted.trust(address)] == known
    assert not any(map(trusted.trust, map(ipaddress.ip_address, ["127.0.0.2", "11.0.0.1", "::2"])))
    assert not trusted.trust("unix")


@pytest.mark.parametrize("given", ["::ffff:10.0.0.0/104", "::ffff:10.0.0.1"])
def test_a_mapped_address_is_the_one_that_it_stands_for(given: str) -> None:
    assert proxies(given).trust(ipaddress.ip_address("10.0.0.1"))


def test_unix_trusts_no_address_and_addresses_not_unix() -> None:
    assert proxies("unix").trust("unix")
    assert not proxies("unix").trust(ipaddress.ip_address("127.0.0.1"))
    assert not proxies("0.0.0.0/1").trust("unix")


def test_a_star_trusts_everybody() -> None:
    trusted = proxies("*", TRUSTED_PROXY_HOPS=1)
    assert trusted.trust("unix")
    assert trusted.trust(ipaddress.ip_address("203.0.113.1"))


def test_without_a_number_of_hops_a_chain_is_still_bounded() -> None:
    assert proxies("unix").hops == MOST_HOPS
    assert proxies("unix", TRUSTED_PROXY_HOPS=2).hops == 2


@pytest.mark.parametrize(
    "given",
    [
        "localhost",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "300.0.0.1",
        "127.0.0.1;::1",
        ["127.0.0.1", 1],
        [True],
        [None],
        [b"127.0.0.1"],
        {"127.0.0.1": 1},
        True,
        1,
        b"127.0.0.1",
    ],
)
def test_what_is_no_proxy_is_an_error_that_names_the_key(given: Any) -> None:
    with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
        compiled(TRUSTED_PROXIES=given)


@pytest.mark.parametrize("given", ["*", "0.0.0.0/0", "::/0", "::ffff:0:0/96", ["unix", "0.0.0.0/0"]])
def test_to_trust_every_address_needs_a_number_of_hops(given: Any) -> None:
    with pytest.raises(ValueError, match="TRUSTED_PROXY_HOPS"):
        compiled(TRUSTED_PROXIES=given)
    assert proxies(given, TRUSTED_PROXY_HOPS=1).hops == 1


@pytest.mark.parametrize("given", [0, -1, MOST_HOPS + 1, "2", True, 1.0, [1]])
def test_a_number_of_hops_that_is_none_is_an_error(given: Any) -> None:
    with pytest.raises(ValueError, match="TRUSTED_PROXY_HOPS"):
        compiled(TRUSTED_PROXIES="unix", TRUSTED_PROXY_HOPS=given)


@pytest.mark.parametrize("given", ["X-Real-IP", [], "", "X-Forwarded-For X-Forwarded", None, 1])
def test_other_headers_are_an_error(given: Any) -> None:
    with pytest.raises(ValueError, match="TRUSTED_PROXY_HEADERS"):
        compiled(TRUSTED_PROXIES="unix", TRUSTED_PROXY_HEADERS=given)


def test_both_families_of_headers_are_an_error() -> None:
    with pytest.raises(ValueError, match="a client can send the others"):
        compiled(TRUSTED_PROXIES="unix", TRUSTED_PROXY_HEADERS="Forwarded, X-Forwarded-Proto")


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ({"HSTS_SECONDS": 60}, "max-age=60"),
        ({"HSTS_SECONDS": 0}, "max-age=0"),
        ({"HSTS_SECONDS": timedelta(days=1)}, "max-age=86400"),
        ({"HSTS_SECONDS": 60, "HSTS_INCLUDE_SUBDOMAINS": True}, "max-age=60; includeSubDomains"),
        (
            {"HSTS_SECONDS": 31_536_000, "HSTS_INCLUDE_SUBDOMAINS": True, "HSTS_PRELOAD": True},
            "max-age=31536000; includeSubDomains; preload",
        ),
    ],
)
def test_the_keys_of_hsts_make_one_value(keys: dict[str, Any], value: str) -> None:
    assert compiled(**keys) == Edge(None, False, value)


@pytest.mark.parametrize("given", [-1, "60", True, 1.5, timedelta(seconds=-1)])
def test_hsts_for_what_is_no_time_is_an_error(given: Any) -> None:
    with pytest.raises(ValueError, match="HSTS_SECONDS"):
        compiled(HSTS_SECONDS=given)


@pytest.mark.parametrize(
    "keys",
    [{"HSTS_SECONDS": 31_536_000}, {"HSTS_SECONDS": 31_535_999, "HSTS_INCLUDE_SUBDOMAINS": True}],
)
def test_preload_needs_what_browsers_demand_of_it(keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="HSTS_PRELOAD"):
        compiled(HSTS_PRELOAD=True, **keys)


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_a_wrong_value_is_raised_at_the_first_request(protocol: str) -> None:
    app = Erlen("app")
    app.config["TRUSTED_PROXIES"] = "proxy.example"
    with pytest.raises(ValueError, match=r"TRUSTED_PROXIES has 'proxy.example'"):
        app.test_client(protocol=protocol).get("/")


def test_a_plan_has_no_edge_by_default_and_one_when_a_key_is_set_later() -> None:
    app = Erlen("app")
    planner = app.request_planner
    assert planner.current(app).edge is None
    app.config["FORCE_HTTPS"] = True
    assert planner.current(app).edge == Edge(None, True, None)
    app.config["FORCE_HTTPS"] = False
    assert planner.current(app).edge is None
