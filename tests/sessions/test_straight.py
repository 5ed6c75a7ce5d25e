"""The steps for sessions do what the interface does, and only where nothing of it is replaced."""

from __future__ import annotations

import datetime
import typing as t
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

import erlen
from erlen.sessions import SecureCookieSessionInterface
from tests.serve.beside import FRAMEWORKS, Framework, beside_flask, call, examples, told_alike

KEY = "k" * 32
VALUES = st.recursive(
    st.sampled_from(
        (
            *(None, True, 0, -7, 1.5, "", "x", "é ☃", "a" * 200, b"bytes", Markup("<b>"), (), ("a", 1)),
            *(uuid.UUID(int=7), datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)),
        )
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
KEYS = st.sampled_from(("user", "n", " t", " di", "_permanent", "é", "", "_flashes"))
STEPS = st.one_of(
    st.tuples(st.just("set"), KEYS, VALUES),
    st.tuples(st.sampled_from(("get", "pop", "delete")), KEYS, st.none()),
    st.tuples(
        st.sampled_from(("read", "clear", "permanent", "modified", "flash", "cookies")), st.none(), st.none()
    ),
    st.tuples(st.just("vary"), st.none(), st.sampled_from(("Cookie", "Accept", "*", "accept, cookie"))),
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "SESSION_COOKIE_NAME": st.sampled_from(("session", "own", "é")),
        "SESSION_COOKIE_DOMAIN": st.sampled_from((None, "erlen.test", ".erlen.test")),
        "SESSION_COOKIE_PATH": st.sampled_from((None, "/", "/é")),
        "SESSION_COOKIE_HTTPONLY": st.booleans(),
        "SESSION_COOKIE_SECURE": st.booleans(),
        "SESSION_COOKIE_PARTITIONED": st.booleans(),
        "SESSION_COOKIE_SAMESITE": st.sampled_from((None, "Lax", "Strict")),
        "SESSION_REFRESH_EACH_REQUEST": st.booleans(),
        "SECRET_KEY_FALLBACKS": st.sampled_from((None, [], ["old"])),
        "SECRET_KEY": st.sampled_from((KEY, b"bytes", "other", None, "")),
        "MAX_COOKIE_SIZE": st.sampled_from((0, 60, 4093)),
        "APPLICATION_ROOT": st.sampled_from(("/", "/root")),
        "PERMANENT_SESSION_LIFETIME": st.sampled_from((60, datetime.timedelta(days=1))),
    },
)


def take(framework: Framework, steps: list[tuple[str, t.Any, t.Any]]) -> list[object]:
    session, told = framework.session, []
    for step, key, value in steps:
        try:
            if step == "set":
                session[key] = value
            elif step == "get":
                told.append(session.get(key))
            elif step == "pop":
                told.append(session.pop(key, None))
            elif step == "delete":
                del session[key]
            elif step == "read":
                told.append(sorted(session.items(), key=repr))
            elif step == "flash":
                framework.flash("Saved.", "info")
            elif step == "cookies":
                told.append(sorted(framework.request.cookies))
            elif step == "permanent":
                session.permanent = not session.permanent
            elif step == "modified":
                session.modified = False
            elif step == "clear":
                session.clear()
        except Exception as error:
            told.append(type(error))
    return [repr(told)]


def make(framework: Framework, config: dict[str, t.Any], requests: list[t.Any]) -> t.Any:
    app = framework.Flask("app", static_folder=None)
    app.logger.disabled = True
    app.config.update({"SECRET_KEY": KEY, **config})

    @app.get("/<int:number>")
    def view(number: int) -> t.Any:
        steps = requests[number]
        vary = [value for step, _, value in steps if step == "vary"]
        return str(take(framework, steps)), {"Vary": vary[0]} if vary else {}

    return app


def ask(app: t.Any, number: int, cookies: str) -> tuple[t.Any, str]:
    """Return the answer, and the cookies that a browser would then send."""
    answer = call(app, f"/{number}", headers={"Cookie": cookies} if cookies else {})
    for name, value in answer.headers:
        if name == "Set-Cookie":
            pair = value.partition(";")[0]
            cookies = "" if pair.endswith("=") else pair
    return answer, cookies


@pytest.mark.filterwarnings("ignore:The 'session' cookie is too large", "ignore:The .* cookie is too large")
@given(
    CONFIGS,
    st.lists(st.lists(STEPS, max_size=4), min_size=1, max_size=4),
    st.sampled_from(("", "x=1", "session=x.y.z")),
)
@examples(150)
def test_any_session_is_kept_as_flask_keeps_it(
    config: dict[str, t.Any], requests: list[t.Any], cookies: str
) -> None:
    def story(framework: Framework) -> object:
        app, told, sent = make(framework, config, requests), [], cookies
        for number in range(len(requests)):
            answer, sent = ask(app, number, sent)
            told.append(answer)
        return told

    told_alike(story)


@given(st.lists(STEPS, max_size=4), st.lists(STEPS, max_size=4))
@examples(60)
def test_what_one_framework_wrote_the_other_reads(first: list[t.Any], second: list[t.Any]) -> None:
    requests = [first, [*second, ("read", None, None)]]
    flask, straight, _ = FRAMEWORKS
    apps = [make(framework, {}, requests) for framework in (flask, straight)]
    answers = []
    for writer in apps:
        _, cookies = ask(writer, 0, "")
        answers.append([ask(reader, 1, cookies)[0].body for reader in apps])
    assert answers[0][0] == answers[0][1] == answers[1][0] == answers[1][1]


def visits(framework: Framework, **options: t.Any) -> t.Any:
    app = framework.Flask("app", static_folder=None, **options)
    app.secret_key = KEY

    @app.get("/")
    def view() -> str:
        framework.session["n"] = framework.session.get("n", 0) + 1
        return f"{framework.session['n']}"

    return app


def test_the_methods_of_the_interface_are_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    app = visits(erlen)
    client = app.test_client()
    client.get("/")
    interface = SecureCookieSessionInterface
    plan = app.request_planner.plan
    for name in ("open_session", "save_session"):
        type.__setattr__(interface, name, property(None))
    try:
        assert app.request_planner.plan is plan
        assert client.get("/").data == b"2"
    finally:
        for name in ("open_session", "save_session"):
            type.__setattr__(interface, name, ORIGINALS[name])


ORIGINALS = {name: getattr(SecureCookieSessionInterface, name) for name in ("open_session", "save_session")}


def _key_by_request(framework: Framework) -> t.Any:
    class App(framework.Flask):  # type: ignore[misc]
        @property
        def secret_key(self) -> str:
            return KEY + framework.request.headers.get("X-Tenant", "")

        @secret_key.setter
        def secret_key(self, value: str) -> None: ...

    return App


def _own_set_cookie(framework: Framework) -> t.Any:
    class Response(framework.Response):  # type: ignore[misc]
        def set_cookie(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().set_cookie(*args, **{**kwargs, "httponly": False})

    class App(framework.Flask):  # type: ignore[misc]
        response_class = Response

    return App


def _own_cookies(framework: Framework) -> t.Any:
    class Request(framework.Request):  # type: ignore[misc]
        @property
        def cookies(self) -> dict[str, str]:
            return {}

    class App(framework.Flask):  # type: ignore[misc]
        request_class = Request

    return App


def _own_lifetime(framework: Framework) -> t.Any:
    class App(framework.Flask):  # type: ignore[misc]
        permanent_session_lifetime = datetime.timedelta(seconds=-5)

    return App


@pytest.mark.parametrize("replace", [_key_by_request, _own_set_cookie, _own_cookies, _own_lifetime])
def test_what_an_application_overrides_is_honoured(replace: t.Callable[[Framework], t.Any]) -> None:
    def story(framework: Framework) -> object:
        namespace = t.cast("t.Any", type("Namespace", (), {**vars(framework), "Flask": replace(framework)}))
        app, cookies, told = visits(namespace), "", []
        for tenant in ("", "", "b", ""):
            answer = call(app, "/", headers={"Cookie": cookies, "X-Tenant": tenant})
            told.append(answer)
            cookies = dict(answer.headers)["Set-Cookie"].partition(";")[0]
        return told

    told_alike(story)


@pytest.mark.parametrize(
    "change",
    [
        lambda app: app.config.update(SESSION_COOKIE_NAME="other"),
        lambda app: app.config.update(SECRET_KEY="other" * 8),
        lambda app: app.config.update(SECRET_KEY="other" * 8, SECRET_KEY_FALLBACKS=[KEY]),
        lambda app: app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax"),
        lambda app: setattr(app, "secret_key", None),
        lambda app: app.config["SECRET_KEY_FALLBACKS"].append("other"),
    ],
)
@pytest.mark.parametrize("fallbacks", [[], ["old"]])
def test_a_change_between_two_requests_is_noticed(
    change: t.Callable[[t.Any], object], fallbacks: list[str]
) -> None:
    def story(framework: Framework) -> object:
        app, cookies, told = visits(framework), "", []
        app.logger.disabled = True
        app.config["SECRET_KEY_FALLBACKS"] = fallbacks.copy()
        for number in range(4):
            if number == 2:
                change(app)
            answer, cookies = ask_at_root(app, cookies)
            told.append(answer)
        return told

    told_alike(story)


def ask_at_root(app: t.Any, cookies: str) -> tuple[t.Any, str]:
    answer = call(app, "/", headers={"Cookie": cookies})
    return answer, dict(answer.headers).get("Set-Cookie", cookies).partition(";")[0]


@pytest.mark.parametrize(
    "cookie",
    [
        *("", "x", "a.b", "a.b.c", "..", ".", "é", "a" * 5_000, "e30.AAAA.BBBB", "\u2028"),
        *("W10.aa.bb", "eyJuIjoxfQ.zzzzzzzzzzzz.AAAA", "%00", '"quoted"'),
    ],
)
@beside_flask
def test_a_cookie_that_nobody_signed_is_an_empty_session(framework: Framework, cookie: str) -> object:
    header = f"session={cookie}".encode().decode("latin1")
    return call(visits(framework), "/", environ_overrides={"HTTP_COOKIE": header})
