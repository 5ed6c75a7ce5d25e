"""The configuration of uWSGI, as text; tests/deploy/fronts/ runs it."""

from __future__ import annotations

import pytest

from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import Impossible
from erlen.deploy.targets.uwsgi import files

from .sites import site


def lines(**changes: object) -> set[str]:
    (file,) = files(site(**changes))
    return set(file.text.splitlines())


def test_its_own_protocol_is_spoken_over_a_socket_that_the_front_may_use() -> None:
    assert {"socket = /run/shop/shop.sock", "chmod-socket = 660"} < lines()


def test_http_is_spoken_at_a_port_and_no_header_believed() -> None:
    said = lines(socket=None)
    assert {"http-socket = 127.0.0.1:8000", "route-run = setscheme:http"} < said
    assert "chmod-socket = 660" not in said


def test_headers_may_be_as_long_as_cookies_are() -> None:
    assert "buffer-size = 32768" in lines()


def test_it_finds_its_python_again_when_it_reloads() -> None:
    assert "binary-path = /srv/shop/current/.venv/bin/python" in lines()


def test_sigterm_lets_requests_finish() -> None:
    assert "hook-master-start = unix_signal:15 gracefully_kill_them_all" in lines()
    assert not any(line.startswith("die-on-term") for line in lines())


def test_a_prefix_is_mounted() -> None:
    said = lines(prefix="/app", application="shop:create_app()")
    assert {"mount = /app=shop:create_app()", "manage-script-name = true"} < said
    assert "module = wsgi:app" in lines()


def test_an_application_for_asgi_is_none_for_it() -> None:
    with pytest.raises(Impossible, match="WSGI only"):
        lines(interface="asgi")


@pytest.mark.parametrize("folder", ["/srv/%d", "/srv/$(HOME)", "/srv/@(x)", "/srv/a\nb"])
def test_what_it_would_take_for_something_else_is_refused(folder: str) -> None:
    with pytest.raises(Unquotable):
        lines(folder=folder)


def test_the_step_sets_the_variable_that_comes_too_late_in_the_file() -> None:
    (file,) = files(site())
    assert "ERLEN_AS_FLASK=1" in "\n".join(file.apply)
    assert "ERLEN_AS_FLASK" not in file.text
    (file,) = files(site(needs_alias=False))
    assert "ERLEN_AS_FLASK" not in "\n".join(file.apply)
