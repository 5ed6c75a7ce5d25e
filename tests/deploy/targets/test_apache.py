"""The files for Apache, as text; tests/deploy/fronts/ runs them."""

from __future__ import annotations

import pytest

from erlen.deploy.targets.apache import files
from erlen.deploy.targets.options import Unreadable
from erlen.deploy.targets.site import Folder

from .sites import site


def text(**changes: object) -> str:
    return next(iter(files(site(**changes)))).text


def steps(**changes: object) -> str:
    return "\n".join(step for file in files(site(**changes)) for step in file.apply)


def test_wsgi_is_run_by_mod_wsgi_and_asgi_passed_on() -> None:
    assert [file.path for file in files(site())] == ["apache/shop.conf", "apache/shop.wsgi"]
    assert "WSGIScriptAlias" in text()
    assert "ProxyPass" not in text()
    assert [file.path for file in files(site(interface="asgi"))] == ["apache/shop.conf"]
    assert "WSGI" not in text(interface="asgi")
    assert 'ProxyPass "/" "unix:/run/shop/shop.sock|http://shop/" retry=0' in text(interface="asgi")


def test_the_host_with_https_waits_for_its_certificate() -> None:
    assert '<IfFile "/etc/letsencrypt/live/shop.example/fullchain.pem">' in text()
    assert "IfFile" not in text(has_https=False)


def test_https_needs_a_name() -> None:
    for more in ({}, {"certificate": "/c", "key": "/k"}):
        with pytest.raises(Unreadable, match="--domain"):
            text(domains=(), **more)


def test_static_files_have_a_slash_at_both_ends_and_nothing_else_is_sent() -> None:
    assert 'Alias "/app/static/" "/srv/shop/current/shop/static/"' in text(prefix="/app")
    assert "Require all denied" in text()


def test_versions_of_files_are_kept_and_uploads_run_nothing() -> None:
    folder, media = Folder("/static/", "/srv/s", has_digests=True), Folder("/media/", "/srv/media")
    said = text(static=(folder,), media=(media,))
    assert "immutable" in said
    assert "sandbox" in said
    assert "immutable" not in text()
    assert 'Header set Cache-Control "no-cache"' in text()


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_what_a_client_says_of_itself_is_removed(interface: str) -> None:
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded"):
        assert f"RequestHeader unset {name} early" in text(interface=interface)


def test_only_a_proxy_of_websockets_upgrades() -> None:
    assert "upgrade=websocket" in text(interface="asgi", websockets=("/echo",))
    assert "upgrade=websocket" not in text(interface="asgi")
    assert "RequestHeader unset Upgrade early" in text()


def test_probes_are_refused_and_so_is_what_is_beside_the_prefix() -> None:
    said = text(prefix="/app", probes=("/livez",))
    assert 'RedirectMatch 404 "^/app/livez$"' in said
    assert 'RedirectMatch 404 "^(?!/app/)"' in said


def test_the_prefix_is_cut_off_only_for_who_does_not_look_for_it() -> None:
    for server, path in (("erlen", "/app/"), ("uvicorn", "/"), ("gunicorn", "/")):
        said = text(interface="asgi", server=server, prefix="/app")
        assert f'ProxyPass "/app/" "unix:/run/shop/shop.sock|http://shop{path}"' in said
        assert ("RequestHeader set X-Forwarded-Prefix" in said) == (server == "gunicorn")


@pytest.mark.parametrize(("limit", "said"), [(1000, "1000"), (None, "0"), (0, "1")])
def test_the_limit_of_uploads_is_the_applications(limit: int | None, said: str) -> None:
    assert f"LimitRequestBody {said}\n" in text(largest_body=limit)


def test_slow_clients_are_cut_off() -> None:
    assert "RequestReadTimeout header=15-30,MinRate=500 body=30,MinRate=500" in text()


def test_other_names_are_refused_only_where_asked_for() -> None:
    assert r"/^(shop\.example|www\.shop\.example)(:[0-9]+)?$/i" in text(refuses_other_names=True)
    assert "421" not in text()


def test_steps_name_modules_user_and_the_shell_of_this_system() -> None:
    assert "a2enmod headers reqtimeout ssl http2 wsgi" in steps()
    assert "/usr/sbin/nologin" in steps()
    assert "a2enmod headers reqtimeout proxy proxy_http" in steps(interface="asgi", has_https=False)


def test_new_code_is_taken_by_touching_the_file() -> None:
    assert "sudo touch /etc/shop/shop.wsgi" in steps()


def test_steps_say_whom_to_trust() -> None:
    assert "['unix']" in steps(interface="asgi", trusts_proxies=False)
    assert "TRUSTED_PROXIES" not in steps(trusts_proxies=False)
