"""Secrets planted in headers, cookies, forms, queries and the environment are in no line, file or mail."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from erlen import Erlen, request
from erlen.deploy.logs.mail import MailHandler
from erlen.testing.asynchronous import AsyncClient
from tests.deploy.logs.smtp import smtp_server

Make = Callable[..., Erlen]

SECRETS = {
    "authorization": "bearer-41a8",
    "basic": "basic'pass\"word-52b9",
    "cookie": "cookie-63c0",
    "api key": "header-74d1",
    "query": "query + päss/85e2",
    "form": "form päss\nword-96f3",
    "json": "json-a7g4",
    "environ": "environ-b8h5",
    "configuration": "config-c9i6",
    "set-cookie": "answer-d0j7",
}
# What is not secret has to be there: else nothing would have been looked at.
SHOWN = ("some-user", "a=visible")


@pytest.fixture
def app(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Erlen]:
    monkeypatch.setenv("PAYMENT_TOKEN", SECRETS["environ"])

    def with_views(**config: Any) -> Erlen:
        app = make(LOG_ACCESS=True, SECRET_KEY=SECRETS["configuration"], **config)

        def fail() -> Any:
            values = [*request.form.items(multi=True), *request.args.items(multi=True)]
            app.logger.warning("given: %s %r %s", request.headers, values, dict(request.cookies))
            app.logger.warning("as json: %s", request.get_json(silent=True))
            app.logger.warning("url: %s", request.url)
            app.logger.warning("of the process: %s %s", SECRETS["environ"], app.config)
            app.logger.warning("answer: %s", [("Set-Cookie", f"session={SECRETS['set-cookie']}; Path=/")])
            if request.authorization is not None:
                app.logger.warning("password %s", request.authorization.password)
            raise ValueError(f"cannot use {values} {request.headers} {request.get_json(silent=True)}")

        async def fail_too() -> Any:
            return fail()

        app.add_url_rule("/plain", view_func=fail, methods=["POST"])
        app.add_url_rule("/coroutine", view_func=fail_too, methods=["POST"])
        return app

    return with_views


def requests() -> list[dict[str, Any]]:
    query = f"?token={quote_plus(SECRETS['query'])}&a=visible"
    cookie = {"Cookie": f"session={SECRETS['cookie']}; other=1"}
    basic = base64.b64encode(f"ada:{SECRETS['basic']}".encode()).decode()
    form = {"new_password": SECRETS["form"], "user": "some-user"}
    return [
        {
            "query": query,
            "headers": {"Authorization": f"Bearer {SECRETS['authorization']}", **cookie},
            "data": form,
        },
        {
            "query": query,
            "headers": {"Authorization": f"Basic {basic}", "X-Api-Key": SECRETS["api key"], **cookie},
            "json": {"login": {"passwd": SECRETS["json"]}, "user": "some-user"},
        },
    ]


def ask_by_wsgi(app: Erlen, path: str) -> None:
    client = app.test_client(use_cookies=False)
    for given in requests():
        query = given.pop("query")
        assert client.post(f"{path}{query}", **given).status_code == 500


def ask_by_asgi(app: Erlen, path: str) -> None:
    async def main() -> None:
        async with AsyncClient(app, app.test_client(use_cookies=False)) as client:
            for given in requests():
                query = given.pop("query")
                assert (await client.post(f"{path}{query}", **given)).status_code == 500

    asyncio.run(main())


def assert_nothing_is_in(text: str) -> None:
    for name, secret in SECRETS.items():
        # The end of each is in it, however the rest is written.
        assert secret[-6:] not in text, name
    for shown in SHOWN:
        assert shown in text


@pytest.mark.parametrize("path", ["/plain", "/coroutine"])
@pytest.mark.parametrize("ask", [ask_by_wsgi, ask_by_asgi])
@pytest.mark.parametrize("format", ["text", "json"])
def test_they_are_in_no_line(
    app: Callable[..., Erlen], capsys: pytest.CaptureFixture[str], format: str, ask: Any, path: str
) -> None:
    ask(app(LOG_FORMAT=format), path)
    text = capsys.readouterr().err
    assert text.count("erlen.access") == 2
    assert "cannot use" in text
    assert_nothing_is_in(text)


@pytest.mark.parametrize("ask", [ask_by_wsgi, ask_by_asgi])
def test_they_are_in_no_file_and_no_mail(app: Callable[..., Erlen], tmp_path: Path, ask: Any) -> None:
    file = tmp_path / "shop.log"
    with smtp_server() as (port, inbox):
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": port, "ADMINS": "ada@example.org"}
        ask(app(LOG_FILE=str(file), LOG_MAIL_LEVEL="WARNING", LOG_MAIL_PER_HOUR=100, **mail), "/plain")
        for handler in logging.getLogger().handlers:
            if isinstance(handler, MailHandler):
                handler.close()
    assert len(inbox.mails) == 14
    assert_nothing_is_in("\n".join([*inbox.subjects, *inbox.texts]))
    assert_nothing_is_in(file.read_text(encoding="utf-8"))
