"""The files for nginx, as text; tests/deploy/fronts/ runs them."""

from __future__ import annotations

import pytest

from erlen.deploy.targets.nginx import files
from erlen.deploy.targets.options import Unreadable
from erlen.deploy.targets.site import Folder

from .sites import site


def texts(**changes: object) -> list[str]:
    return [file.text for file in files(site(**changes))]


def steps(**changes: object) -> str:
    return "\n".join(step for file in files(site(**changes)) for step in file.apply)


def test_https_has_a_file_that_works_before_there_is_a_certificate() -> None:
    first, second = files(site())
    assert (first.path, second.path) == ("nginx/shop.conf", "nginx/shop-https.conf")
    assert "ssl_certificate" not in first.text
    assert '"/etc/letsencrypt/live/shop.example/fullchain.pem"' in second.text
    assert 'location "/.well-known/acme-challenge/"' in first.text


def test_without_https_there_is_one_file() -> None:
    (text,) = texts(has_https=False)
    assert "listen 80;" in text
    assert "ssl" not in text
    assert "proxy_pass" in text


def test_http_leads_to_the_main_name_and_not_to_one_of_the_client() -> None:
    assert "return 308 https://shop.example$request_uri;" in texts()[0]
    assert "return 308 https://shop.example:8443$request_uri;" in texts(https_port=8443)[0]


def test_https_without_a_name_is_an_error() -> None:
    with pytest.raises(Unreadable, match="--domain"):
        texts(domains=())


def test_a_site_without_names_answers_for_all_of_them() -> None:
    (text,) = texts(domains=(), has_https=False)
    assert "listen 80 default_server;" in text
    assert "server_name _;" in text
    assert "sites-enabled/default" in steps(domains=(), has_https=False)


def test_other_names_are_refused_only_where_asked_for() -> None:
    assert "444" not in "".join(texts())
    first, _ = texts(refuses_other_names=True)
    assert "return 444;" in first
    assert "ssl_reject_handshake on;" in first


def test_old_tls_and_the_version_are_off() -> None:
    for text in texts():
        assert text.count("server_tokens off;") == text.count("server {")
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in texts()[1]


@pytest.mark.parametrize(("limit", "said"), [(1000, "1000"), (None, "0"), (0, "1")])
def test_the_limit_of_uploads_is_the_applications(limit: int | None, said: str) -> None:
    assert f"client_max_body_size {said};" in texts(largest_body=limit)[1]
    assert ("MAX_CONTENT_LENGTH" in steps(largest_body=limit)) == (limit is None)


def test_ipv6_can_be_left_out() -> None:
    assert "listen [::]:443 ssl http2;" in texts()[1]
    assert "[::]" not in "".join(texts(has_ipv6=False))


def test_the_server_is_asked_at_its_socket_or_its_port() -> None:
    assert "server unix:/run/shop/shop.sock fail_timeout=0;" in texts()[0]
    assert "server 127.0.0.1:8000 fail_timeout=0;" in texts(socket=None)[0]


def test_only_websockets_are_upgraded_and_only_where_there_are_some() -> None:
    assert "upgrade" not in "".join(texts()).lower()
    first, second = texts(websockets=("/echo",), interface="asgi")
    assert '"~*^websocket$" websocket;' in first
    assert second.count("proxy_set_header Upgrade $site_shop_upgrade;") == 1


def test_variables_of_two_sites_differ() -> None:
    assert "map $uri $site_my_shop_cache {" in texts(name="my-shop", static=(Folder("/s/", "/s", True),))[0]


def test_steps_say_what_the_application_lacks() -> None:
    assert "TRUSTED_PROXIES" not in steps()
    assert "['unix']" in steps(trusts_proxies=False)
    assert "['127.0.0.1']" in steps(trusts_proxies=False, socket=None)
    assert "TRUSTED_PROXIES" not in steps(trusts_proxies=False, server="uwsgi")
    assert "X-Forwarded-Prefix" in steps(server="gunicorn", prefix="/app")
    assert "X-Forwarded-Prefix" not in steps(server="gunicorn", prefix="/app", trusts_prefix=True)


def test_steps_get_the_certificate_in_between() -> None:
    assert "certbot certonly --webroot -w /var/www/letsencrypt -d shop.example -d www.shop.example" in steps()
    assert "certbot" not in steps(certificate="/c", key="/k")
