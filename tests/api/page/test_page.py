"""The page has no inline script, works below a prefix, and has all that it needs with it."""

import gzip
import hashlib
import re
from importlib import resources

import pytest

from erlen import Blueprint, Erlen
from erlen.api import Api


def application() -> Erlen:
    app = Erlen("app", static_folder=None)
    shop = Blueprint("shop", "app", url_prefix="/shop")
    Api(shop, title="<Shop>")
    app.register_blueprint(shop)
    return app


def test_everything_that_it_names_is_served(way: str) -> None:
    client = application().test_client(protocol=way)
    page = client.get("/shop/docs")
    assert page.mimetype == "text/html"
    assert "<title>&lt;Shop&gt;</title>" in page.text
    names = re.findall(r'(?:src|href|data-url)="([^"]+)"', page.text)
    assert len(names) >= 6
    for name in names:
        assert name.startswith("/shop/")
        assert client.get(name).status_code == 200
    assert "<script>" not in page.text
    assert " on" not in page.text.lower().replace(" only", "")


def test_links_lead_below_the_prefix_of_a_server() -> None:
    page = application().test_client().get("/shop/docs", environ_overrides={"SCRIPT_NAME": "/app"})
    assert 'data-url="/app/shop/openapi.json"' in page.text
    assert 'src="/app/shop/docs/start.js"' in page.text


@pytest.mark.parametrize("name", ["swagger-ui-bundle.js", "swagger-ui.css"])
def test_files_are_compressed_where_the_client_takes_that(name: str) -> None:
    client = application().test_client()
    packed = client.get(f"/shop/docs/{name}", headers={"Accept-Encoding": "gzip"})
    plain = client.get(f"/shop/docs/{name}")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    etag = packed.headers["ETag"]
    again = client.get(f"/shop/docs/{name}", headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "name", ["__init__.py", "VERSION", "..%2F__init__.py", "assets/LICENSE", "nothing.js"]
)
def test_other_files_are_not_served(name: str) -> None:
    assert application().test_client().get(f"/shop/docs/{name}").status_code == 404


def test_the_files_are_those_that_were_fetched() -> None:
    assets = resources.files("erlen.api.page") / "assets"
    sums = dict(reversed(line.split("  ")) for line in (assets / "SHA256SUMS").read_text().splitlines())  # type: ignore[misc]
    assert {"LICENSE", "NOTICE", "VERSION", "swagger-ui-bundle.js.gz"} <= set(sums)
    for name, digest in sums.items():
        assert hashlib.sha256((assets / name).read_bytes()).hexdigest() == digest
