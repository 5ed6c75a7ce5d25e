"""The page of the shop works in a browser: offline, under a strict policy, at the root and below a path."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.tools.chromium import Page, chromium
from tests.api.tools.documents import CHECKOUT, DOCUMENTS, SHOP
from tests.contract.environment import Environment
from tests.contract.servers import serving
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.servers]

# What allows neither inline scripts nor eval().
SITE = """
from orders import create_app

app = create_app()


@app.get("/outside")
def outside():
    return (
        "<script>document.title = 'run'</script><script src='http://example.org/a.js'></script>"
        "<img src='http://192.0.2.1/a.png'><img src='http://example.org/a.png'>"
    )


@app.after_request
def add_policy(response):
    response.headers["Content-Security-Policy"] = "script-src 'self'"
    return response
"""


@pytest.fixture(params=["wsgi", "asgi"])
def interface(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["", "/deep/er"], ids=["root", "below"])
def prefix(request: pytest.FixtureRequest) -> str:
    return request.param


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[str]:
    """Serve the shop with `erlen serve`; give the URL of the server."""
    site = folder / "site"
    shutil.copytree(SHOP, site, ignore=shutil.ignore_patterns("__pycache__"))
    (site / "site_app.py").write_text(SITE)
    port = free_port()
    words = f"--app site_app serve --workers 1 --port {port}".split()
    command = [Path(sys.executable).with_name("erlen"), *words, *options]
    with serving(Environment(Path(sys.prefix)), command, port, site, {}):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def site(interface: str, prefix: str, tmp_path: Path) -> Iterator[str]:
    """Serve the shop; give the URL below which it is."""
    root = ("--root-path", prefix) if prefix else ()
    with served(tmp_path, "--interface", interface, *root) as url:
        yield f"{url}{prefix}"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with chromium(tmp_path) as page:
        yield page


def shown_operations(page: Page) -> set[tuple[str, str]]:
    """Return method and path of each operation that the page shows."""
    page.wait_for("document.querySelectorAll('.opblock').length > 0")
    found: list[list[str]] = page.value(
        "[...document.querySelectorAll('.opblock-summary')].map(e =>"
        " [e.querySelector('.opblock-summary-method').textContent.toLowerCase(),"
        "  e.querySelector('[data-path]').dataset.path])"
    )
    return {(method, path) for method, path in found}


def test_it_shows_every_operation_and_posts_an_order(site: str, page: Page, tmp_path: Path) -> None:
    page.open(f"{site}/shop/docs")
    document: dict[str, t.Any] = json.loads(DOCUMENTS["shop"]())
    operations = {(method, path) for path, item in document["paths"].items() for method in item}
    assert len(operations) == 5
    assert shown_operations(page) == operations

    page.click("button.authorize")
    page.type_into(".auth-container input", "token-of-ann")
    page.click(".modal-ux button.authorize", "Authorize")
    page.click(".modal-ux button", "Close")

    page.click("#operations-shop-shop_create .opblock-summary-control")
    # The page writes an example of the body first, and sends nothing before it is there.
    page.wait_for("document.querySelector('#operations-shop-shop_create textarea')?.value.includes('tea')")
    answer = "#operations-shop-shop_create .live-responses-table tbody"
    status = page.click_until(
        "#operations-shop-shop_create button.execute",
        f"document.querySelector('{answer} .response-col_status')?.textContent.trim()",
    )
    page.screenshot(tmp_path / "page.png")
    assert status == "201", page.value("document.body.innerText")
    body = page.value(f"document.querySelector('{answer} .highlight-code').textContent")
    assert '"customer": "ann"' in body
    assert '"product": "tea"' in body

    assert page.complaints() == []
    requests = page.requests()
    assert ("POST", f"{site}/shop/orders") in requests
    others = [url for _, url in requests if not url.startswith((f"{site}/shop/", "data:"))]
    assert others == []


def test_it_shows_every_operation_of_an_application_with_every_feature(page: Page, tmp_path: Path) -> None:
    port = free_port()
    uvicorn = Path(sys.executable).with_name("uvicorn")
    command = [uvicorn, "--factory", "tests.api.everything:create_app", "--port", str(port)]
    environment = {"PYTHONPATH": str(CHECKOUT)}
    with serving(Environment(Path(sys.prefix)), command, port, tmp_path, environment):
        page.open(f"http://127.0.0.1:{port}/docs")
        document: dict[str, t.Any] = json.loads(DOCUMENTS["everything"]())
        operations = {(method, path) for path, item in document["paths"].items() for method in item}
        assert shown_operations(page) == operations
        assert page.complaints() == []


def test_what_may_not_be_is_heard_of(page: Page, tmp_path: Path) -> None:
    """So a page with an inline script would be found, or one that needs something from outside."""
    with served(tmp_path) as url:
        page.open(f"{url}/outside")
        page.wait_for("document.readyState === 'complete'")
        complaints = page.complaints()
        title = page.value("document.title")
    assert title == ""
    for part in (
        "inline script",
        "http://example.org/a.js",
        "http://192.0.2.1/a.png",
        "http://example.org/a.png",
    ):
        assert any(part in complaint for complaint in complaints), complaints
    outside = {url for _, url in page.requests() if "127.0.0.1" not in url}
    assert outside >= {"http://192.0.2.1/a.png", "http://example.org/a.png"}
