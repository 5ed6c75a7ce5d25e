"""The steps for sessions do what the interface does, and only where nothing of it is replaced."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import subprocess
import sys
import typing as t
import uuid
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode
from markupsafe import Markup

import erlen
from erlen.ctx import RequestContext
from erlen.sessions import SecureCookieSessionInterface
from tests.gateway.asgi.driver import ask as ask_by_asgi
from tests.gateway.asgi.driver import http
from tests.serve.beside import (
    FRAMEWORKS,
    Answer,
    Framework,
    beside_flask,
    call,
    examples,
    outcome,
    told_alike,
)

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


# hostile cookies, as any client may send them


SALT = "cookie-session"
NOW = 1_700_000_000
DEEP = "[" * 60 + "]" * 60


@pytest.fixture
def _stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: NOW)


def signed(text: bytes | str, *, key: t.Any = KEY, salt: str = SALT, age: int = 0) -> str:
    """Sign any text, as somebody who knows the key could."""
    signer = TimestampSigner(key, salt=salt, key_derivation="hmac", digest_method=hashlib.sha1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda self: NOW - age)
        return signer.sign(text).decode("latin1")


def packed_text(text: str) -> str:
    return base64_encode(text.encode()).decode()


def squeezed(text: str) -> str:
    return f".{base64_encode(zlib.compress(text.encode())).decode()}"


GOOD = signed(packed_text('{"n":7}'))
COOKIES = {
    "as written": GOOD,
    "compressed": signed(squeezed('{"n":7}')),
    "compressed, and cut off": signed(squeezed('{"n":7}')[:-6]),
    "compressed, and more behind": signed(f".{base64_encode(zlib.compress(b'{}') + b'more').decode()}"),
    "another key": signed(packed_text('{"n":7}'), key="other"),
    "another salt": signed(packed_text('{"n":7}'), salt="other"),
    "an old key": signed(packed_text('{"n":7}'), key="old"),
    "from the future": signed(packed_text('{"n":7}'), age=-1),
    "too old": signed(packed_text('{"n":7}'), age=32 * 24 * 3600),
    "as old as may be": signed(packed_text('{"n":7}'), age=31 * 24 * 3600),
    "one letter of the signature changed": GOOD[:-1] + ("A" if GOOD[-1] != "A" else "B"),
    "another spelling of the signature": GOOD[:-1] + chr(ord(GOOD[-1]) + 1),
    "the signature filled up": f"{GOOD}=",
    "the signature cut off": GOOD[:-3],
    "no signature": GOOD.rpartition(".")[0],
    "no time": f"{packed_text('{}')}.{signed('x').rpartition('.')[2]}",
    "one letter of the value changed": f"f{GOOD[1:]}",
    "quoted": f'"{GOOD}"',
    "quoted with escapes": '"' + "".join(f"\\{ord(letter):03o}" for letter in GOOD) + '"',
    "blanks around": f"  {GOOD}\t ",
    "two of one name": f"{GOOD}; session={signed(packed_text(chr(123) + chr(125)))}",
    "two of one name, the first forged": f"x.y.z; session={GOOD}",
    "an empty one before": f"; session={GOOD}",
    "another behind": f"{GOOD};x=1",
    "another behind that is quoted": f'{GOOD}; x="; session=y"',
    "one that begins alike": f"x; session{GOOD}; sessions={GOOD}",
    "a letter beyond ASCII behind": f"{GOOD}\xe9",
    "a letter beyond ASCII in another": f"{GOOD}; x=\xe9",
    "a NUL behind": f"{GOOD}\0",
    "huge": signed(packed_text(f'{{"n":"{"x" * 70_000}"}}')),
    "huge and forged": "x" * 100_000,
    "dots": "." * 5_000,
    "a list": signed(packed_text("[1]")),
    "text": signed(packed_text('"n"')),
    "a tag": signed(packed_text('{" t":["n",7]}')),
    "a tag within": signed(packed_text('{"n":{" t":[{" b":"eA=="}]}}')),
    "a tag in another spelling": signed(packed_text('{"n":{"\\u0020t":[1]}}')),
    "a tag in white space": signed(packed_text('{ "n" : {\n" u"\t:"00000000000000000000000000000001"}} ')),
    "a tag that is broken": signed(packed_text('{"n":{" u":"x"}}')),
    "a tag that is escaped": signed(packed_text('{"n":{" di":{" t__":1}}}')),
    "no JSON": signed(packed_text("{")),
    "JSON of Python": signed(packed_text('{"n":NaN}')),
    "JSON twice": signed(packed_text('{"n":1}{"n":2}')),
    "a key twice": signed(packed_text('{"n":1,"n":2}')),
    "deep": signed(packed_text(f'{{"n":{DEEP}}}')),
    "no UTF-8": signed(base64_encode(b'{"n":"\xff"}').decode()),
    "half a letter": signed(packed_text('{"n":"\\ud800"}')),
    "no base64": signed("!" * 9),
    "base64 with a dot": signed(f"{packed_text('{}')}.x"),
    "base64 filled up": signed(f"{packed_text('{}')}=="),
    "nothing": signed(""),
    "permanent": signed(packed_text('{"_permanent":true,"n":7}')),
    "permanent in another type": signed(packed_text('{"_permanent":[1],"n":7}')),
    "a flash of another shape": signed(packed_text('{"_flashes":5}')),
}


SEVEN = packed_text('{"n":7}')
KEYS_IN_USE = st.lists(st.sampled_from(("one", "two", b"two", b"\xff" * 70, "é")), max_size=4)


ORDERS = st.lists(st.integers(0, 3), max_size=3)


@given(st.sampled_from(("one", b"two", "é")), KEYS_IN_USE, ORDERS, KEYS_IN_USE)
@examples(60)
def test_older_keys_read_and_the_secret_key_signs(
    key: str | bytes, older: list[t.Any], order: list[int], appended: list[t.Any]
) -> None:
    """A cookie of each key, in any order; at the end the list of older keys is changed in place."""

    def story(framework: Framework) -> object:
        app, told = visits(framework), []
        app.config.update(SECRET_KEY=key, SECRET_KEY_FALLBACKS=older.copy())
        sent = [f"session={signed(SEVEN, key=older[n])}" for n in order if n < len(older)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TimestampSigner, "get_timestamp", lambda self: NOW)
            for header in sent:
                told.append(call(app, "/", headers={"Cookie": header}))
            app.config["SECRET_KEY_FALLBACKS"].extend(appended)
            del app.config["SECRET_KEY_FALLBACKS"][:1]
            for header in sent:
                told.append(call(app, "/", headers={"Cookie": header}))
        return told

    told_alike(story)


def test_with_older_keys_the_methods_of_the_interface_are_not_called() -> None:
    app = visits(erlen)
    app.config["SECRET_KEY_FALLBACKS"] = ["old"]
    called: list[str] = []
    interface = SecureCookieSessionInterface
    call(app, "/")
    plan = app.request_planner.plan
    for name in ("open_session", "save_session"):
        type.__setattr__(interface, name, lambda *args, name=name: called.append(name))
    try:
        answer = call(app, "/", headers={"Cookie": f"session={signed(SEVEN, key='old')}"})
    finally:
        for name in ("open_session", "save_session"):
            type.__setattr__(interface, name, ORIGINALS[name])
    assert app.request_planner.plan is plan
    # The time of the cookie is not now: the session is read by the older key, and is too old.
    assert (answer.body, called) == (b"1", [])


@pytest.mark.usefixtures("_stand_still")
@pytest.mark.parametrize("touch", ["read", "write", "flash", "nothing"])
@pytest.mark.parametrize("fallbacks", [[], ["old"]])
@pytest.mark.parametrize("cookie", COOKIES.values(), ids=COOKIES)
def test_any_cookie_is_judged_as_flask_judges_it(cookie: str, fallbacks: list[str], touch: str) -> None:
    """But for what somebody with the key signed, and cannot be read: that is a 500 in Flask."""

    def story(framework: Framework, cookie: str) -> Answer:
        app = framework.Flask("app", static_folder=None)
        app.logger.disabled = True
        app.config.update(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=fallbacks, MAX_COOKIE_SIZE=0)

        @app.get("/")
        def view() -> str:
            if touch == "write":
                framework.session["m"] = (1, "é")
            elif touch == "flash":
                framework.flash("Saved.")
            elif touch == "read":
                return str(sorted(map(repr, framework.session.items())))[:200]
            return "untouched"

        return without_dates(call(app, "/", environ_overrides={"HTTP_COOKIE": f"session={cookie}"}))

    flask, straight, through_seams = FRAMEWORKS
    expected = outcome(story, flask, cookie)
    if not isinstance(expected, Answer) or expected.status.startswith("500"):
        forged = story(straight, "forged")
        if story(straight, cookie) == forged:
            expected = forged
    assert story(straight, cookie) == story(through_seams, cookie)
    assert story(straight, cookie) == expected


def without_dates(answer: Answer) -> Answer:
    """Leave out when a cookie ends: the clock of the calendar goes on."""
    headers = [(name, re.sub(r"Expires=[^;]*", "Expires", value)) for name, value in answer.headers]
    return answer._replace(headers=headers)


@beside_flask
def test_a_permanent_session_ends_when_it_does_in_flask(framework: Framework) -> object:
    app = visits(framework)
    app.permanent_session_lifetime = datetime.timedelta(minutes=5)

    @app.get("/keep")
    def keep() -> str:
        framework.session.permanent = True
        return "kept"

    answer = call(app, "/keep")
    cookies = dict(answer.headers)["Set-Cookie"]
    told = [cookies]
    for refresh in (True, False):
        app.config["SESSION_REFRESH_EACH_REQUEST"] = refresh
        answer = call(app, "/nowhere", headers={"Cookie": cookies.partition(";")[0]})
        told.append(answer.headers)
    return told


# what is replaced while requests run


class Shouting:
    """A way to write and read JSON that is easy to tell."""

    def dumps(self, obj: object, **kwargs: object) -> str:
        return f'{{"n":41,"written":"{len(str(obj))}"}}'

    def loads(self, text: str, **kwargs: object) -> object:
        return {"n": 17, "read": str(text)[:3]}


def shout(target: t.Callable[[Framework, t.Any], object], *names: str) -> t.Callable[..., None]:
    def replace(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
        for name in names or ("dumps", "loads"):
            patch.setattr(target(framework, app), name, getattr(Shouting(), name))

    return replace


def teach(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    class TagNumber(framework.json.tag.JSONTag):  # type: ignore[misc]
        __slots__ = ()
        key = "number"

        def check(self, value: object) -> bool:
            return isinstance(value, int)

        def to_json(self, value: int) -> str:
            return str(value)

        def to_python(self, value: str) -> int:
            return int(value)

    serializer = app.session_interface.serializer
    patch.setattr(serializer, "order", serializer.order.copy())
    patch.setattr(serializer, "tags", serializer.tags.copy())
    serializer.register(TagNumber, index=0)


def add_tag(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    serializer = app.session_interface.serializer
    patch.setitem(serializer.tags, "n", serializer.tags[" t"])


def patch_tag(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(framework.json.tag.TagTuple, "to_json", lambda self, value: ["patched"])


def patch_constructor(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    original = framework.sessions.SecureCookieSession.__init__

    def init(self: t.Any, initial: t.Any = None) -> None:
        original(self, initial)
        self["made"] = self.get("made", 0) + 1

    patch.setattr(framework.sessions.SecureCookieSession, "__init__", init)


def patch_clock(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TimestampSigner, "get_timestamp", lambda self: NOW)


def patch_set_cookie(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(framework.Response, "set_cookie", lambda self, *args, **kwargs: None)


def patch_open(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    interface = framework.sessions.SecureCookieSessionInterface
    patch.setattr(
        interface, "open_session", lambda self, app, request: self.session_class({"n": 90, "t": (1,)})
    )


def patch_context(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    session = framework.sessions.SecureCookieSession({"n": 50, "t": (2,)})
    patch.setattr(framework.ctx.RequestContext, "session", session)


def another_provider(framework: Framework, app: t.Any, patch: pytest.MonkeyPatch) -> None:
    class Provider(framework.json.provider.DefaultJSONProvider):  # type: ignore[misc]
        def dumps(self, obj: object, **kwargs: object) -> str:
            return f'{{"n":33,"by":"{len(str(obj))}"}}'

    app.json = Provider(app)


REPLACED: dict[str, t.Callable[[Framework, t.Any, pytest.MonkeyPatch], object]] = {
    "the provider": another_provider,
    "methods of the provider": shout(lambda framework, app: app.json),
    "methods of the class of providers": shout(lambda f, app: f.json.provider.DefaultJSONProvider),
    "functions of Python's json": shout(lambda framework, app: json),
    "functions for tags": shout(lambda framework, app: framework.json.tag),
    "the writing of tags alone": shout(lambda framework, app: framework.json.tag, "dumps"),
    "the serializer's class": shout(lambda framework, app: framework.json.tag.TaggedJSONSerializer),
    "the interface's serializer": lambda f, app, patch: patch.setattr(
        app.session_interface, "serializer", Shouting(), raising=False
    ),
    "the order of tags": teach,
    "the tags": add_tag,
    "a tag": patch_tag,
    "the session's constructor": patch_constructor,
    "the clock": patch_clock,
    "the response's cookies": patch_set_cookie,
    "opening": patch_open,
    "the context's session": patch_context,
    "the settings of the provider": lambda f, app, patch: (
        patch.setattr(app.json, "ensure_ascii", False),
        patch.setattr(app.json, "sort_keys", False),
    ),
}


@pytest.mark.parametrize("replaced", REPLACED)
@pytest.mark.parametrize("asked_before", [False, True])
def test_what_is_replaced_is_noticed_as_in_flask(replaced: str, asked_before: bool) -> None:
    def story(framework: Framework) -> object:
        app, told, cookies = framework.Flask("app", static_folder=None), [], ""
        app.logger.disabled = True
        app.secret_key = KEY

        @app.get("/")
        def view() -> str:
            session = framework.session
            session["n"] = session.get("n", 0) + 1
            session["t"] = ("é", {"z": 1, "a": [None]})
            return repr(sorted(session.items()))

        with pytest.MonkeyPatch.context() as patch:
            for number in range(4):
                if number == asked_before:
                    REPLACED[replaced](framework, app, patch)
                answer = outcome(ask_at_root_if_any, app, cookies)
                told.append(answer)
                cookies = answer[1] if isinstance(answer, tuple) else cookies
        told.append(ask_at_root_if_any(app, cookies))
        return told

    told_alike(story)


def ask_at_root_if_any(app: t.Any, cookies: str) -> tuple[t.Any, str]:
    answer = call(app, "/", headers={"Cookie": cookies} if cookies else {})
    return answer, dict(answer.headers).get("Set-Cookie", cookies).partition(";")[0]


EARLY = {
    "nothing": ("pass", {"n": 1}),
    "the clock": ("itsdangerous.TimestampSigner.get_timestamp = lambda self: 5", {"n": 1}),
    "the constructor": (
        "erlen.sessions.SecureCookieSession.__init__ = lambda self, initial=None:"
        " CallbackDict.__init__(self, {'made': 1}, lambda session: setattr(session, 'modified', True))",
        {"made": 1, "n": 1},
    ),
    "the serializer": (
        "erlen.json.tag.TaggedJSONSerializer.dumps = lambda self, value: '{\"patched\":1}'",
        {"patched": 1},
    ),
    "an attribute of the cookie": (
        "erlen.sessions.SecureCookieSessionInterface.get_cookie_secure = lambda self, app: True",
        {"n": 1},
    ),
    "the response": ("erlen.Response.set_cookie = lambda self, *a, **k: None", None),
}


@pytest.mark.slow
@pytest.mark.parametrize("patched", EARLY)
def test_what_is_patched_before_the_first_request_is_noticed(patched: str) -> None:
    """The code for sessions is imported late."""
    patch, data = EARLY[patched]
    program = f"""
import erlen, itsdangerous, sys
from werkzeug.datastructures import CallbackDict
assert "erlen.sessions.straight" not in sys.modules
{patch}
app = erlen.Flask("app")
app.secret_key = {KEY!r}
@app.get("/")
def view():
    erlen.session["n"] = 1
    return ""
print(app.test_client().get("/").headers.get("Set-Cookie"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    cookie = done.stdout.strip()
    if data is None:
        assert cookie == "None"
        return
    value, _, rest = cookie.removeprefix("session=").partition(";")
    payload, stamp, _ = value.split(".")
    assert json.loads(base64_decode(payload)) == data
    assert (base64_decode(stamp) == b"\x05") == (patched == "the clock")
    assert ("Secure" in rest) == (patched == "an attribute of the cookie")


def test_a_context_with_a_session_of_its_own_is_asked_for_it() -> None:
    class Context(RequestContext):
        @property
        def _session(self) -> t.Any:  # type: ignore[override]
            return erlen.sessions.SecureCookieSession({"of": "the context"})

    class App(erlen.Flask):
        def request_context(self, environ: t.Any) -> RequestContext:
            return Context(self, environ)

    app = App("app")
    app.secret_key = KEY
    app.add_url_rule("/", view_func=lambda: dict(erlen.session))
    assert call(app, "/").body == b'{"of":"the context"}\n'


# by ASGI


@pytest.mark.usefixtures("_stand_still")
@pytest.mark.parametrize("cookie", COOKIES.values(), ids=COOKIES)
@pytest.mark.parametrize("touch", ["request", "headers", "environ", "nothing"])
def test_any_cookie_is_judged_by_asgi_as_by_wsgi(cookie: str, touch: str) -> None:
    app = erlen.Flask("app", static_folder=None)
    app.secret_key = KEY
    app.config["MAX_COOKIE_SIZE"] = 0

    def look() -> str:
        if touch == "request":
            assert erlen.request.method
        elif touch != "nothing":
            assert getattr(erlen.request, touch) is not None
        erlen.session["m"] = 1
        return str(sorted(map(repr, erlen.session.items())))[:200]

    async def coroutine() -> str:
        return look()

    app.add_url_rule("/plain", view_func=look)
    app.add_url_rule("/coroutine", view_func=coroutine)
    header = f"session={cookie}"
    expected = without_dates(call(app, "/plain", environ_overrides={"HTTP_COOKIE": header}))
    for path in ("/plain", "/coroutine"):
        sent = ask_by_asgi(app, http(path, "GET", ("Cookie", header)))
        headers = [(name.decode().title(), value.decode("latin1")) for name, value in sent.sent[0]["headers"]]
        assert without_dates(Answer(expected.status, headers, sent.body)) == expected
        assert sent.status == 200


def test_the_session_of_a_coroutine_that_has_answered_is_read_only() -> None:
    app = erlen.Flask("app")
    app.secret_key = KEY
    seen: list[t.Any] = []

    @app.get("/")
    async def view() -> str:
        erlen.session["n"] = 1
        seen.append(erlen.session._get_current_object())  # type: ignore[attr-defined]
        return "answered"

    ask_by_asgi(app, http("/"))
    with pytest.raises(RuntimeError, match="after its request had ended"):
        seen[0]["n"] = 2


@pytest.mark.parametrize("kind", ["result", "session"])
def test_what_cannot_be_written_is_no_error_of_a_coroutine(kind: str) -> None:
    """As by WSGI: no error handler for TypeError answers it."""
    app = erlen.Flask("app")
    app.secret_key = KEY
    app.logger.disabled = True
    app.register_error_handler(TypeError, lambda error: "handled")

    @app.get("/")
    async def view() -> t.Any:
        if kind == "session":
            erlen.session["n"] = object()
        return {"n": object()} if kind == "result" else "answered"

    assert ask_by_asgi(app, http("/")).status == 500
    assert call(app, "/").status == "500 INTERNAL SERVER ERROR"
