"""What nginx sends itself, refuses and passes on, as text; tests/deploy/fronts/ runs it."""

from __future__ import annotations

import re

import pytest

from erlen.deploy.targets.nginx_locations import locations
from erlen.deploy.targets.nginx_text import Block
from erlen.deploy.targets.site import SERVERS, Folder, Server

from .sites import site


def text(**changes: object) -> str:
    block = Block("server")
    locations(block, site(**changes), tls=True)
    return str(block)


def location(opening: str, **changes: object) -> str:
    """Return the inside of a location."""
    found = re.search(rf"^    location {re.escape(opening)} \{{\n(.*?)^    \}}", text(**changes), re.M | re.S)
    assert found is not None, text(**changes)
    return found[1]


def test_static_files_have_a_slash_at_both_ends() -> None:
    assert 'alias "/srv/shop/current/shop/static/";' in location('^~ "/static/"')
    assert 'alias "/srv/shop/current/shop/static/";' in location('^~ "/app/static/"', prefix="/app")


def test_versions_of_files_are_kept_and_their_copies_sent() -> None:
    folder = Folder("/static/", "/srv/s", has_digests=True)
    inside = location('^~ "/static/"', static=(folder,))
    assert "add_header Cache-Control $site_shop_cache;" in inside
    assert "gzip_static on;" in inside
    assert "return 404;" in location('= "/static/static-digest.json"', static=(folder,))
    assert "gzip_static" not in text()


def test_uploads_run_nothing() -> None:
    inside = location('^~ "/media/"', media=(Folder("/media/", "/srv/media"),))
    assert "sandbox" in inside
    assert "nosniff" in inside


def test_probes_are_refused_below_the_prefix() -> None:
    assert "return 404;" in location('= "/app/livez"', prefix="/app", probes=("/livez",))


@pytest.mark.parametrize("server", SERVERS)
def test_only_safe_methods_are_sent_a_second_time(server: Server) -> None:
    by = "uwsgi" if server == "uwsgi" else "proxy"
    inside = location('"/"', server=server)
    assert 'if ($request_method !~ "^(GET|HEAD|OPTIONS|TRACE)$")' in inside
    assert "error_page 418 = @shop-once;" in inside
    assert f"{by}_next_upstream off;" in location("@shop-once", server=server)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"])
@pytest.mark.parametrize("server", SERVERS)
def test_what_a_client_says_is_overwritten_everywhere(server: Server, header: str) -> None:
    interface = "wsgi" if server == "uwsgi" else "asgi"
    whole = text(server=server, websockets=("/echo",), interface=interface)
    if server == "uwsgi":
        assert whole.count(f"uwsgi_param HTTP_{header.upper().replace('-', '_')} ") == 1
        return
    # A location with headers of its own inherits none.
    assert whole.count(f"proxy_set_header {header} ") == whole.count("proxy_set_header Host ")


def test_uwsgi_is_told_of_no_chunks_and_no_upgrade() -> None:
    whole = text(server="uwsgi")
    assert 'uwsgi_param HTTP_TRANSFER_ENCODING "";' in whole
    assert 'uwsgi_param HTTP_UPGRADE "";' in whole
    assert "uwsgi_pass unix:/run/shop/shop.sock;" in whole
    assert "SCRIPT_NAME" not in whole


def test_uwsgi_at_a_port_speaks_http() -> None:
    assert "proxy_pass http://shop;" in text(server="uwsgi", socket=None)


@pytest.mark.parametrize("server", SERVERS)
def test_the_prefix_is_cut_off_only_for_who_does_not_look_for_it(server: Server) -> None:
    inside = location('"/app/"', server=server, prefix="/app")
    assert ("rewrite" in inside) == (server in ("gunicorn", "uvicorn"))


def test_gunicorn_is_told_the_prefix_by_a_header() -> None:
    assert 'proxy_set_header X-Forwarded-Prefix "/app";' in text(server="gunicorn", prefix="/app")
    for server in ("erlen", "uvicorn"):
        assert 'proxy_set_header X-Forwarded-Prefix "";' in text(server=server, prefix="/app")


def test_what_is_beside_the_prefix_is_nothing() -> None:
    assert "return 404;" in location("/", prefix="/app")
    assert 'return 308 "/app/$is_args$args";' in location('= "/app"', prefix="/app")


def test_websockets_and_event_streams_may_be_silent_for_long() -> None:
    inside = location('~ "^/chat/[^/]+$"', websockets=("/chat/<room>",), interface="asgi")
    assert "proxy_read_timeout 1d;" in inside
    inside = location('~ "^/app/events$"', event_streams=("/events",), prefix="/app")
    assert "proxy_read_timeout 1d;" in inside


def test_an_unusual_port_is_a_part_of_the_host() -> None:
    assert "proxy_set_header Host $host:8443;" in text(https_port=8443)
    assert "proxy_set_header Host $host;" in text()


def test_a_rule_cannot_end_its_expression() -> None:
    whole = text(websockets=('/a"{;}$ \\b/<x>',), interface="asgi")
    (line,) = [line for line in whole.splitlines() if "location ~" in line]
    assert line.endswith('[^/]+$" {')
    assert line.count('"') - line.count('\\"') == 2
