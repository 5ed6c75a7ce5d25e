"""Sessions are Flask's: the same cookie, headers and rules, whoever signed it."""

from __future__ import annotations

import copy
import datetime
import hashlib
import pickle
import types
import typing as t
import warnings
import zlib

import flask
import flask.sessions
import itsdangerous
import itsdangerous.timed
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous.encoding import base64_encode
from markupsafe import Markup
from werkzeug.datastructures import Headers, ImmutableMultiDict

import erlen
import erlen.sessions
from erlen import Erlen
from erlen.sessions import (
    NullSession,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
    SessionMixin,
)
from tests.serve.beside import FRAMEWORKS, beside_flask, call, environ, outcome

NOW = 1_700_000_000


class Clock(datetime.datetime):
    """A datetime that stands still, as time-freezing tools put one in place of each module's."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> t.Any:
        return datetime.datetime.fromtimestamp(NOW, tz)


@pytest.fixture(autouse=True)
def _stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self: NOW)
    monkeypatch.setattr(erlen.sessions, "datetime", Clock)
    monkeypatch.setattr(flask.sessions, "datetime", Clock)


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)
    app.secret_key = "secret"
    return app


def pair(**config: object) -> tuple[Erlen, flask.Flask]:
    """The same application twice: ours and Flask's."""
    apps = (Erlen(__name__), flask.Flask(__name__))
    for app in apps:
        app.config.update({"SECRET_KEY": "secret", **config})
    return apps


def saved(app: t.Any, session: t.Any) -> list[tuple[str, str]]:
    """The headers that saving a session sets."""
    response = app.response_class()
    app.session_interface.save_session(app, session, response)
    return sorted((name, value) for name, value in response.headers if name in ("Set-Cookie", "Vary"))


def opened(app: t.Any, cookie: str | None) -> t.Any:
    """The session of a request that brings a cookie."""
    headers = {} if cookie is None else {"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={cookie}"}
    return app.session_interface.open_session(app, app.request_class(_environ(headers)))


def _environ(headers: dict[str, str]) -> dict[str, t.Any]:
    return {f"HTTP_{name.upper()}": value for name, value in headers.items()}


def signed(app: t.Any, data: t.Any) -> str:
    return t.cast(str, app.session_interface.get_signing_serializer(app).dumps(data))


# the cookie

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.text().map(Markup) | st.uuids(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
SESSION = st.dictionaries(st.text(max_size=8), json_values, max_size=5)
OURS, THEIRS = pair()


@given(SESSION)
def test_flask_reads_our_cookies_and_we_read_flasks(data: dict[str, t.Any]) -> None:
    assert dict(opened(THEIRS, signed(OURS, data))) == data
    assert dict(opened(OURS, signed(THEIRS, data))) == data


@given(SESSION)
def test_a_cookie_is_flasks_to_the_last_character(data: dict[str, t.Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self: NOW)
        assert signed(OURS, data) == signed(THEIRS, data)


@given(
    data=SESSION,
    modified=st.booleans(),
    accessed=st.booleans(),
    permanent=st.booleans(),
    config=st.fixed_dictionaries(
        {
            "SESSION_COOKIE_NAME": st.sampled_from(["session", "s"]),
            "SESSION_COOKIE_DOMAIN": st.sampled_from([None, "example.com", ".example.com"]),
            "SESSION_COOKIE_PATH": st.sampled_from([None, "/path"]),
            "APPLICATION_ROOT": st.sampled_from(["/", "/root"]),
            "SESSION_COOKIE_HTTPONLY": st.booleans(),
            "SESSION_COOKIE_SECURE": st.booleans(),
            "SESSION_COOKIE_PARTITIONED": st.booleans(),
            "SESSION_COOKIE_SAMESITE": st.sampled_from([None, "Lax", "Strict", "None"]),
            "SESSION_REFRESH_EACH_REQUEST": st.booleans(),
            "PERMANENT_SESSION_LIFETIME": st.sampled_from([1, datetime.timedelta(days=2)]),
        }
    ),
)
def test_saving_sets_the_headers_that_flask_sets(
    data: dict[str, t.Any], modified: bool, accessed: bool, permanent: bool, config: dict[str, t.Any]
) -> None:
    answers = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self: NOW)
        patch.setattr(erlen.sessions, "datetime", Clock)
        patch.setattr(flask.sessions, "datetime", Clock)
        for app in pair(**config):
            session = t.cast(t.Any, app.session_interface).session_class(data)
            if permanent:
                session.permanent = True
            session.modified, session.accessed = modified, accessed
            answers.append(saved(app, session))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("vary", ["Cookie", "cookie", "Accept", "Accept, Cookie", "*", ""])
def test_a_vary_header_that_is_there_is_kept_as_flask_keeps_it(vary: str) -> None:
    answers = []
    for app in pair():
        response: t.Any = app.response_class(headers={"Vary": vary})
        session = t.cast(t.Any, app.session_interface).session_class({"a": 1})
        session.accessed = session.modified = True
        t.cast(t.Any, app.session_interface).save_session(app, session, response)
        answers.append(response.headers.getlist("Vary"))
    assert answers[0] == answers[1]


def test_the_same_data_in_another_order_is_the_same_cookie(app: Erlen) -> None:
    with app.app_context():
        assert signed(app, {"a": 1, "b": 2}) == signed(app, {"b": 2, "a": 1})


@pytest.mark.parametrize(
    "cookie", ["", "nonsense", "a.b.c", "é", "." * 20, "eyJhIjoxfQ.aaaaaa.bbbbbb"], ids=repr
)
def test_a_forged_cookie_is_an_empty_session(app: Erlen, cookie: str) -> None:
    session = opened(app, cookie)
    assert type(session) is SecureCookieSession
    assert dict(session) == {}
    assert not session.modified


def test_a_cookie_signed_with_another_key_or_salt_is_an_empty_session(app: Erlen) -> None:
    cookie = signed(app, {"a": 1})
    app.secret_key = "other"
    assert dict(opened(app, cookie)) == {}
    app.secret_key = "secret"
    assert dict(opened(app, cookie)) == {"a": 1}
    app.session_interface = SecureCookieSessionInterface()
    app.session_interface.salt = "other"
    assert dict(opened(app, cookie)) == {}


def test_a_cookie_is_too_old_once_its_lifetime_is_over(app: Erlen, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config["PERMANENT_SESSION_LIFETIME"] = 60
    cookie = signed(app, {"a": 1})
    for age, expected in ((60, {"a": 1}), (61, {}), (-1, {})):
        moment = NOW + age
        monkeypatch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self, at=moment: at)
        assert dict(opened(app, cookie)) == expected


def test_old_keys_are_read_and_the_new_one_signs(app: Erlen) -> None:
    cookie = signed(app, {"a": 1})
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["older", "secret"])
    assert dict(opened(app, cookie)) == {"a": 1}
    renewed = signed(app, {"a": 1})
    app.config["SECRET_KEY_FALLBACKS"] = None
    assert dict(opened(app, renewed)) == {"a": 1}
    assert dict(opened(app, cookie)) == {}


def test_a_fallback_that_is_added_in_place_counts_at_once(app: Erlen) -> None:
    cookie = signed(app, {"a": 1})
    fallbacks = ["older"]
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=fallbacks)
    assert dict(opened(app, cookie)) == {}
    fallbacks.append("secret")
    assert dict(opened(app, cookie)) == {"a": 1}


# the serializer is kept, and noticed to be another one


def test_the_signing_serializer_is_kept_between_requests(app: Erlen) -> None:
    interface = t.cast(SecureCookieSessionInterface, app.session_interface)
    assert interface.get_signing_serializer(app) is interface.get_signing_serializer(app)


CHANGED: dict[str, t.Callable[[Erlen, t.Any], None]] = {
    "secret key": lambda app, interface: setattr(app, "secret_key", "other"),
    "secret key as bytes": lambda app, interface: setattr(app, "secret_key", b"secret"),
    "fallbacks": lambda app, interface: app.config.update(SECRET_KEY_FALLBACKS=["old"]),
    "salt": lambda app, interface: setattr(interface, "salt", "pepper"),
    "digest": lambda app, interface: setattr(interface, "digest_method", staticmethod(hashlib.sha256)),
    "derivation": lambda app, interface: setattr(interface, "key_derivation", "concat"),
    "serializer": lambda app, interface: setattr(interface, "serializer", flask.json),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_changed_setting_makes_another_serializer(
    app: Erlen, change: t.Callable[[Erlen, t.Any], None]
) -> None:
    interface = app.session_interface = SecureCookieSessionInterface()
    before = interface.get_signing_serializer(app)
    change(app, interface)
    after = interface.get_signing_serializer(app)
    assert after is not before
    reference = flask.sessions.SecureCookieSessionInterface()
    vars(reference).update(vars(interface))
    assert after is not None
    expected = reference.get_signing_serializer(t.cast(t.Any, app))
    assert expected is not None
    assert after.dumps({"a": 1}) == expected.dumps({"a": 1})


def test_a_serializer_that_cannot_be_hashed_is_used_all_the_same(app: Erlen) -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]
        dumps = staticmethod(erlen.json.dumps)
        loads = staticmethod(erlen.json.loads)

    app.session_interface = SecureCookieSessionInterface()
    app.session_interface.serializer = t.cast(t.Any, Unhashable())
    assert dict(opened(app, signed(app, {"a": [1]}))) == {"a": [1]}


def test_the_kept_serializer_can_sign_with_another_salt(app: Erlen) -> None:
    serializer = t.cast(t.Any, app.session_interface).get_signing_serializer(app)
    token = serializer.dumps([1], salt="other")
    assert serializer.loads(token, salt="other") == [1]
    with pytest.raises(itsdangerous.BadSignature):
        serializer.loads(token)
    reference = t.cast(t.Any, THEIRS.session_interface).get_signing_serializer(THEIRS)
    assert reference.loads(token, salt="other") == [1]


def test_a_digest_method_of_a_subclass_counts(app: Erlen) -> None:
    class Sha512(SecureCookieSessionInterface):
        digest_method = staticmethod(hashlib.sha512)

    cookie = signed(app, {"a": 1})
    app.session_interface = Sha512()
    assert len(signed(app, {"a": 1})) > len(cookie)
    assert dict(opened(app, cookie)) == {}


# no secret key


def test_without_a_secret_key_the_session_can_be_read_and_is_empty(app: Erlen) -> None:
    app.secret_key = None
    assert opened(app, "cookie") is None
    with app.test_request_context():
        assert isinstance(erlen.session._get_current_object(), NullSession)
        assert "a" not in erlen.session
        assert erlen.session.get("a", 1) == 1
        assert not erlen.session.permanent


WRITES: dict[str, t.Callable[[t.Any], object]] = {
    "set": lambda session: session.__setitem__("a", 1),
    "delete": lambda session: session.__delitem__("a"),
    "pop": lambda session: session.pop("a", None),
    "popitem": lambda session: session.popitem(),
    "update": lambda session: session.update(a=1),
    "clear": lambda session: session.clear(),
    "setdefault": lambda session: session.setdefault("a"),
    "permanent": lambda session: setattr(session, "permanent", True),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_without_a_secret_key_names_the_way_out(write: t.Callable[[t.Any], object]) -> None:
    with pytest.raises(
        RuntimeError, match=r"^The session is unavailable because no secret key was set"
    ) as caught:
        write(NullSession())
    assert "app.secret_key" in str(caught.value)
    assert "secrets.token_hex()" in str(caught.value)


def test_saving_after_the_secret_key_went_says_so(app: Erlen) -> None:
    session = opened(app, None)
    session["a"] = 1
    app.secret_key = None
    with pytest.raises(RuntimeError, match="no secret key was set"):
        saved(app, session)


# the session itself


def test_a_change_is_noticed() -> None:
    session = SecureCookieSession({"a": []})
    assert not session.modified
    session["a"].append(1)
    assert not session.modified
    session["b"] = 1
    assert session.modified


def test_a_session_can_be_copied_and_pickled() -> None:
    session = SecureCookieSession({"a": 1})
    for copied in (copy.copy(session), pickle.loads(pickle.dumps(session))):
        assert dict(copied) == {"a": 1}
        copied["b"] = 2
        assert copied.modified
    assert not session.modified


def test_permanence_is_kept_in_the_session() -> None:
    session = SecureCookieSession()
    assert session.permanent is False
    session.permanent = t.cast(t.Any, "yes")
    assert session["_permanent"] is True
    assert session.permanent is True


def test_a_session_of_ones_own_is_a_dict_with_the_mixin() -> None:
    class Mine(dict[str, t.Any], SessionMixin):
        pass

    session = Mine(a=1)
    session.permanent = True
    assert session == {"a": 1, "_permanent": True}
    assert session.modified
    assert not session.new
    assert not session.accessed


# through requests


def view(app: t.Any, session: t.Any) -> t.Any:
    app.add_url_rule("/untouched", "untouched", lambda: "")
    app.add_url_rule("/read", "read", lambda: str(session.get("n")))
    app.add_url_rule("/count", "count", lambda: str(session.update(n=session.get("n", 0) + 1)))
    app.add_url_rule("/clear", "clear", lambda: str(session.clear()))
    app.add_url_rule("/stay", "stay", lambda: str(session.update(_permanent=True)))
    return app.test_client()


@given(
    steps=st.lists(st.sampled_from(["untouched", "read", "count", "clear", "stay"]), max_size=6),
    refresh=st.booleans(),
)
def test_a_visit_leaves_the_same_cookies_and_headers_as_with_flask(steps: list[str], refresh: bool) -> None:
    ours, theirs = pair(SESSION_REFRESH_EACH_REQUEST=refresh)
    clients = (view(ours, erlen.session), view(theirs, flask.session))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self: NOW)
        patch.setattr(erlen.sessions, "datetime", Clock)
        patch.setattr(flask.sessions, "datetime", Clock)
        for step in steps:
            answers = [client.get(f"/{step}") for client in clients]
            assert sorted(answers[0].headers) == sorted(answers[1].headers)
            assert answers[0].data == answers[1].data


def test_an_interface_of_ones_own_opens_and_saves(app: Erlen) -> None:
    store: dict[str, t.Any] = {}

    class Mine(dict[str, t.Any], SessionMixin):
        pass

    class Stored(SessionInterface):
        def open_session(self, app: t.Any, request: t.Any) -> t.Any:
            return Mine(store)

        def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> None:
            store.update(session)

    app.session_interface = Stored()
    client = view(app, erlen.session)
    client.get("/count")
    client.get("/count")
    assert client.get("/read").data == b"2"
    assert store == {"n": 2}


def test_an_interface_that_opens_nothing_gets_a_stand_in_that_is_not_saved(app: Erlen) -> None:
    class Nothing(SessionInterface):
        def open_session(self, app: t.Any, request: t.Any) -> None:
            return None

        def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> t.NoReturn:
            pytest.fail("a stand-in was saved")

    app.session_interface = Nothing()
    assert view(app, erlen.session).get("/read").data == b"None"


def test_a_bare_interface_says_what_is_missing(app: Erlen) -> None:
    bare = SessionInterface()
    with pytest.raises(NotImplementedError):
        bare.open_session(app, t.cast(t.Any, None))
    with pytest.raises(NotImplementedError):
        bare.save_session(app, SecureCookieSession(), app.response_class())
    assert bare.is_null_session(bare.make_null_session(app))
    assert not bare.is_null_session(SecureCookieSession())


def test_the_expiry_is_the_lifetime_from_now_in_utc(app: Erlen) -> None:
    session = SecureCookieSession()
    interface = app.session_interface
    assert interface.get_expiration_time(app, session) is None
    session.permanent = True
    app.config["PERMANENT_SESSION_LIFETIME"] = 60
    expires = interface.get_expiration_time(app, session)
    assert expires == datetime.datetime.fromtimestamp(NOW + 60, datetime.timezone.utc)


def test_sha1_is_looked_up_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert erlen.sessions._lazy_sha1(b"a").digest() == hashlib.sha1(b"a").digest()
    monkeypatch.delattr(hashlib, "sha1")
    with pytest.raises(AttributeError):
        erlen.sessions._lazy_sha1(b"a")


# what is overridden is asked; what is patched counts


def through_a_request(app: t.Any, session: t.Any, cookie: str = "", **more: t.Any) -> t.Any:
    """Count in the session; return status, headers and body as a server sees them."""
    return call(app, environ("/count") | {"HTTP_COOKIE": cookie} | more)


def counting(web: t.Any, app: t.Any) -> t.Any:
    app.secret_key = "secret"
    view(app, web.session)
    return app


@beside_flask
def test_a_response_class_may_set_cookies_in_its_own_way(web: t.Any) -> t.Any:
    calls: list[t.Any] = []

    class Mine(web.Response):  # type: ignore[misc]
        def set_cookie(self, *args: t.Any, **kwargs: t.Any) -> None:
            calls.append((args, kwargs))
            self.headers.pop("Vary", None)
            super().set_cookie(*args, **{**kwargs, "samesite": "Lax"})

    app = counting(web, web.Flask("sessions"))
    app.response_class = Mine
    app.config["SESSION_COOKIE_DOMAIN"] = "example.com"
    return through_a_request(app, web.session), calls


@beside_flask
def test_a_response_may_be_given_a_way_to_set_cookies(web: t.Any) -> t.Any:
    calls: list[t.Any] = []
    app = counting(web, web.Flask("sessions"))

    @app.after_request
    def replace(response: t.Any) -> t.Any:
        response.set_cookie = lambda *args, **kwargs: calls.append((args, kwargs))
        return response

    return through_a_request(app, web.session), calls


@beside_flask
def test_every_method_of_the_interface_may_be_overridden(web: t.Any) -> t.Any:
    asked: list[str] = []
    base = (flask if web is flask else erlen).sessions.SecureCookieSessionInterface

    def says(name: str, answer: t.Any) -> t.Any:
        def method(self: t.Any, *args: t.Any) -> t.Any:
            asked.append(name)
            return answer

        return method

    answers: dict[str, t.Any] = {
        "get_cookie_name": "mine",
        "get_cookie_domain": "example.com",
        "get_cookie_path": "/a b",
        "get_cookie_secure": True,
        "get_cookie_httponly": False,
        "get_cookie_samesite": "strict",
        "get_cookie_partitioned": True,
        "get_expiration_time": datetime.datetime(2030, 1, 2, 3, 4, 5, 678, datetime.timezone.utc),
        "should_set_cookie": True,
    }
    app = counting(web, web.Flask("sessions"))
    app.session_interface = type("Mine", (base,), {name: says(name, answers[name]) for name in answers})()
    first = through_a_request(app, web.session)
    cookie = dict(first.headers)["Set-Cookie"].partition(";")[0]
    second = through_a_request(app, web.session, f"session=x; {cookie}")
    return first, second, sorted(asked)


@beside_flask
def test_the_classes_and_settings_of_an_interface_count(web: t.Any) -> t.Any:
    sessions = (flask if web is flask else erlen).sessions

    class Loud(sessions.SecureCookieSession):  # type: ignore[misc, name-defined]
        def __init__(self, initial: t.Any = None) -> None:
            super().__init__(initial)
            self["opened"] = self.get("opened", 0) + 1

    class Mine(sessions.SecureCookieSessionInterface):  # type: ignore[misc, name-defined]
        session_class = Loud
        salt = "pepper"
        key_derivation = "concat"
        digest_method = staticmethod(hashlib.sha512)

    app = counting(web, web.Flask("sessions"))
    app.session_interface = Mine()
    first = through_a_request(app, web.session)
    cookie = dict(first.headers)["Set-Cookie"].partition(";")[0]
    return first, through_a_request(app, web.session, cookie)


@beside_flask
def test_a_signing_serializer_of_ones_own_reads_and_writes(web: t.Any) -> t.Any:
    class Plain:
        def dumps(self, value: t.Any) -> str:
            return f"n is {value['n']}; \N{SNOWMAN}"

        def loads(self, text: str, max_age: int) -> t.Any:
            return {"n": len(text), "age": max_age}

    base = (flask if web is flask else erlen).sessions.SecureCookieSessionInterface
    app = counting(web, web.Flask("sessions"))
    app.session_interface = type("Mine", (base,), {"get_signing_serializer": lambda self, app: Plain()})()
    return through_a_request(app, web.session), through_a_request(app, web.session, "session=abc")


@beside_flask
def test_tags_that_are_registered_are_asked(web: t.Any) -> t.Any:
    module = (flask if web is flask else erlen).json.tag

    class Shout(module.JSONTag):  # type: ignore[misc, name-defined]
        key = " s"
        check = staticmethod(lambda value: isinstance(value, str) and value.isupper())
        to_json = staticmethod(str.lower)
        to_python = staticmethod(str.upper)

    said = []
    shared = (flask if web is flask else erlen).sessions.session_json_serializer
    own = module.TaggedJSONSerializer()
    order, tags = shared.order.copy(), shared.tags.copy()
    try:
        for serializer in (shared, own):
            before = serializer.dumps({"a": "LOUD"})
            serializer.register(Shout, index=0)
            text = serializer.dumps({"a": "LOUD", "b": ["LOUD", "low"]})
            said.append((before, text, serializer.loads(text)))
        interface = (flask if web is flask else erlen).sessions.SecureCookieSessionInterface()
        app = counting(web, web.Flask("sessions"))
        app.session_interface = interface
        cookie = signed(app, {"a": "LOUD"})
        said.append(("cookie", cookie, dict(opened(app, cookie))))
    finally:
        shared.order[:], shared.tags = order, tags
    return said


SIZES = [0, 40, 4093]


@pytest.mark.parametrize("limit", SIZES)
@pytest.mark.parametrize("permanent", [False, True])
@beside_flask
def test_a_cookie_that_is_too_large_is_set_with_flasks_warning(
    web: t.Any, limit: int, permanent: bool
) -> t.Any:
    app = counting(web, web.Flask("sessions"))
    app.config["MAX_COOKIE_SIZE"] = limit
    session = app.session_interface.session_class({"key": hashlib.sha512(b"").hexdigest() * 40})
    session.permanent = permanent
    with warnings.catch_warnings(record=True) as caught, app.app_context():
        warnings.simplefilter("always")
        headers = saved(app, session)
    return headers, [(str(warning.message), warning.category) for warning in caught]


def test_a_cookie_of_exactly_the_largest_size_is_set_without_a_warning(app: Erlen) -> None:
    session = SecureCookieSession({"a": 1})
    session.modified = True
    [(_, text), _] = saved(app, session)
    with app.app_context():
        app.config["MAX_COOKIE_SIZE"] = len(text)
        saved(app, session)
        app.config["MAX_COOKIE_SIZE"] = len(text) - 1
        with pytest.warns(UserWarning, match="too large"):
            saved(app, session)


@pytest.mark.parametrize("key", ["SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "SESSION_COOKIE_NAME"])
@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b=c", "é", "a;b", "a b", ""])
@beside_flask
def test_odd_settings_of_the_cookie_are_refused_or_escaped_as_by_flask(
    web: t.Any, key: str, value: str
) -> t.Any:
    app = counting(web, web.Flask("sessions"))
    app.config[key] = value
    session = app.session_interface.session_class({"a": 1})
    session.modified = True
    return outcome(saved, app, session)


# which cookie it is


def signed_now(data: t.Any) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self: NOW)
        return signed(THEIRS, data)


GOOD, OTHER = signed_now({"n": 5}), signed_now({"n": 7})
COOKIES = [
    "session={good}",
    "session={other}; session={good}",
    "session={good};session={other}",
    "session=; session={good}",
    "session; session={good}",
    "session=forged; session={good}",
    "a=b; session={good}; c=d",
    "a=b ; session = {good} ; c",
    'session="{good}"',
    'a="x; session={other}"; session={good}',
    'a="x; session={other}; session={good}',
    "Session={other}; SESSION={other}; session={good}",
    "xsession={other}; session={good}",
    "=session={other}; session={good}",
    "session={good} x",
    "session={good},session={other}",
    "session\t={good}",
    "é=1; session={good}",
    "session=é{good}",
    "session=" + "x" * 100_000,
    ";" * 10_000 + "session={good}",
    "session={good}" + "; a=b" * 1_000,
    "",
    ";",
    "=",
]


@pytest.mark.parametrize("header", COOKIES, ids=[header[:40] for header in COOKIES])
@beside_flask
def test_the_cookie_that_counts_is_the_one_that_counts_in_flask(web: t.Any, header: str) -> t.Any:
    app = counting(web, web.Flask("sessions"))
    header = header.format(good=GOOD, other=OTHER)
    app.add_url_rule("/all", "all", lambda: repr((web.session.get("n"), list(web.request.cookies.lists()))))
    return call(app, environ("/all") | {"HTTP_COOKIE": header}), through_a_request(app, web.session, header)


@given(
    place=st.integers(0, len(GOOD)),
    cut=st.integers(0, 4),
    put=st.text(st.sampled_from('aA0.-_=+ ;"é'), max_size=3),
)
def test_a_cookie_that_was_tampered_with_is_what_it_is_to_flask(place: int, cut: int, put: str) -> None:
    cookie = GOOD[:place] + put + GOOD[place + cut :]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(itsdangerous.timed.TimestampSigner, "get_timestamp", lambda self: NOW)
        assert outcome(opened, OURS, cookie) == outcome(opened, THEIRS, cookie)


def _packed(size: int) -> bytes:
    return b"." + base64_encode(zlib.compress(b'{"a":"' + b"x" * size + b'"}', 9))


UNREADABLE: dict[str, bytes] = {
    **{
        name: base64_encode(payload)
        for name, payload in {
            "no JSON": b"not json",
            "nothing": b"",
            "a list": b"[1]",
            "text": b'"text"',
            "a number": b"5",
            "null": b"null",
            "pairs": b'[["user","admin"]]',
            "pairs of letters": b'["ab"]',
            "a tuple": b'{" t":[["user","admin"]]}',
            "a tuple of nothing": b'{" t":5}',
            "bad base64": b'{" b":"!"}',
            "bytes of a number": b'{"a":{" b":5}}',
            "a bad UUID": b'{"a":{" u":"x"}}',
            "a bad dict": b'{"a":{" di":{}}}',
            "markup": b'{" m":"x"}',
            "bad UTF-8": b'{"a":"\xff"}',
            "nested deep": b'{"a":' * 100_000,
            "lists nested deep": b"[" * 100_000,
        }.items()
    },
    "no base64": b"!",
    "odd base64": b"A",
    "no zlib": b"." + base64_encode(b"not zlib"),
    "half of zlib": _packed(1_000)[:20],
    "too much": _packed(50_000_000),
}
TIMES = [2**31, 2**40, 2**70, 2**2000]


def _signed_payload(payload: bytes, moment: int = NOW) -> str:
    signer = itsdangerous.Signer(
        "secret", salt="cookie-session", key_derivation="hmac", digest_method=hashlib.sha1
    )
    time = moment.to_bytes((moment.bit_length() + 7) // 8, "big")
    return signer.sign(payload + b"." + base64_encode(time)).decode("latin1")


def test_the_payloads_of_these_tests_are_signed_as_a_session_is() -> None:
    assert dict(opened(OURS, _signed_payload(base64_encode(b'{"n":5}')))) == {"n": 5}
    assert dict(opened(OURS, _signed_payload(_packed(4_000_000)))) == {"a": "x" * 4_000_000}


@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
@pytest.mark.parametrize(
    "cookie",
    [
        *map(_signed_payload, UNREADABLE.values()),
        *(_signed_payload(base64_encode(b"{}"), at) for at in TIMES),
    ],
    ids=[*UNREADABLE, *(f"time of {at.bit_length()} bits" for at in TIMES)],
)
def test_a_signed_cookie_that_cannot_be_read_is_an_empty_session(cookie: str, protocol: str) -> None:
    app = Erlen("sessions")
    app.secret_key = "secret"
    app.add_url_rule("/", "untouched", lambda: "fine")
    app.add_url_rule("/read", "read", lambda: dict(erlen.session))
    app.add_url_rule("/write", "write", lambda: erlen.session.update(n=1) or "written")
    client = app.test_client(use_cookies=False, protocol=protocol)
    headers = {"Cookie": f"session={cookie}"}
    assert client.get("/", headers=headers).text == "fine"
    assert client.get("/read", headers=headers).json == {}
    written = client.get("/write", headers=headers)
    assert client.get("/read", headers={"Cookie": written.headers["Set-Cookie"]}).json == {"n": 1}


def test_no_more_is_unpacked_than_a_cookie_of_a_browser_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Inflating:
        def __init__(self) -> None:
            self._inner = real()

        def decompress(self, data: bytes, most: int) -> bytes:
            unpacked = self._inner.decompress(data, most)
            sizes.append(len(unpacked))
            return unpacked

        def __getattr__(self, name: str) -> t.Any:
            return getattr(self._inner, name)

    real = zlib.decompressobj
    cookie = _signed_payload(UNREADABLE["too much"])
    monkeypatch.setattr(zlib, "decompressobj", Inflating)
    monkeypatch.setattr(zlib, "decompress", lambda data: pytest.fail("unpacked without a limit"))
    assert dict(opened(OURS, cookie)) == {}
    assert sizes == [4 * 1024 * 1024]
    # The most that fits into the largest cookie that is set without a warning.
    assert 4_093 * 3 / 4 * 1_032 < 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("fallbacks", "error"),
    [
        ("old", TypeError),
        (b"old", TypeError),
        ([""], ValueError),
        (["old", b""], ValueError),
        ([None], TypeError),
        ([5], TypeError),
    ],
)
def test_fallbacks_that_are_no_keys_are_an_error_that_says_so(
    app: Erlen, fallbacks: t.Any, error: type[Exception]
) -> None:
    app.config["SECRET_KEY_FALLBACKS"] = fallbacks
    with pytest.raises(error, match="SECRET_KEY_FALLBACKS"):
        opened(app, "x")
    app.testing = True
    app.add_url_rule("/", "view", lambda: str(erlen.session.get("a")))
    with pytest.raises(error, match="SECRET_KEY_FALLBACKS"):
        app.test_client().get("/")


@pytest.mark.parametrize("fallbacks", [None, [], (), "", ["old"], ("old", b"older"), {"old"}])
def test_fallbacks_may_be_any_collection_of_keys(app: Erlen, fallbacks: t.Any) -> None:
    app.config["SECRET_KEY_FALLBACKS"] = fallbacks
    assert dict(opened(app, signed(app, {"a": 1}))) == {"a": 1}


@beside_flask
def test_a_request_class_may_read_cookies_in_its_own_way(web: t.Any) -> t.Any:
    class Overridden(web.Request):  # type: ignore[misc]
        cookies = {"session": GOOD}

    class Last(ImmutableMultiDict[str, str]):
        def get(self, key: str, *args: t.Any) -> t.Any:
            return self.getlist(key)[-1]

    class Stored(web.Request):  # type: ignore[misc]
        dict_storage_class = Last

    class Headed(web.Request):  # type: ignore[misc]
        headers = Headers({"Cookie": f"session={GOOD}"})

        def __init__(self, environ: t.Any, **kwargs: t.Any) -> None:
            super().__init__(environ, **kwargs)
            self.headers = type(self).headers

    class Replaced(web.Request):  # type: ignore[misc]
        def __init__(self, environ: t.Any, **kwargs: t.Any) -> None:
            super().__init__(environ, **kwargs)
            self.headers = Headers({"Cookie": f"session={GOOD}"})

    class Stocked(web.Request):  # type: ignore[misc]
        def __init__(self, environ: t.Any, **kwargs: t.Any) -> None:
            super().__init__(environ, **kwargs)
            self.dict_storage_class = Last

    said = []
    for request_class in (Overridden, Stored, Headed, Replaced, Stocked):
        app = counting(web, web.Flask("sessions"))
        app.request_class = request_class
        said.append(through_a_request(app, web.session, f"session={OTHER}; session={GOOD}"))
    return said


@pytest.mark.parametrize("hook", ["reads headers", "reads cookies", "changes nothing"])
def test_what_a_hook_read_before_does_not_change_the_session(hook: str) -> None:
    hooks: dict[str, t.Callable[[t.Any], t.Any]] = {
        "reads headers": lambda request: request.headers.get("Accept"),
        "reads cookies": lambda request: request.cookies.get("a"),
        "changes nothing": lambda request: None,
    }
    answers = []
    for web in FRAMEWORKS:
        app = counting(web, web.Flask("sessions"))
        app.before_request(lambda web=web: hooks[hook](web.request))
        answers.append(through_a_request(app, web.session, f"a=b; session={GOOD}"))
    assert answers[0] == answers[1] == answers[2]


def test_the_other_cookies_are_still_there(app: Erlen) -> None:
    app.add_url_rule("/", "index", lambda: f"{erlen.session.get('n')} {dict(erlen.request.cookies)}")
    answer = call(app, environ() | {"HTTP_COOKIE": f"a=b; session={GOOD}; c=d"})
    assert answer.body.decode() == f"5 {{'a': 'b', 'session': '{GOOD}', 'c': 'd'}}"


def test_a_request_that_is_no_request_of_ours_is_asked_for_its_cookies(app: Erlen) -> None:
    request = types.SimpleNamespace(cookies={"session": GOOD}, environ={})
    interface = t.cast(SecureCookieSessionInterface, app.session_interface)
    assert interface.open_session(app, t.cast(t.Any, request)) == {"n": 5}


@beside_flask
def test_a_response_that_varies_in_its_own_way_is_asked(web: t.Any) -> t.Any:
    class Mine(web.Response):  # type: ignore[misc]
        vary: t.Any = property(lambda self: self.varied)

        def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().__init__(*args, **kwargs)
            self.varied: set[str] = set()

    app = counting(web, web.Flask("sessions"))
    app.response_class = Mine
    seen: list[t.Any] = []
    interface = app.session_interface
    response = Mine()
    session = interface.session_class({"a": 1})
    session.modified = session.accessed = True
    interface.save_session(app, session, response)
    seen.append(("Vary" in response.headers, response.varied))
    return through_a_request(app, web.session), seen


def test_the_session_is_saved_by_the_methods_of_any_response(app: Erlen) -> None:
    told: list[t.Any] = []

    class Alien:
        max_cookie_size = 0
        vary = types.SimpleNamespace(add=lambda name: told.append(("vary", name)))

        def set_cookie(self, name: str, *args: t.Any, **kwargs: t.Any) -> None:
            told.append(("cookie", name))

    session = SecureCookieSession({"a": 1})
    session.modified = session.accessed = True
    app.session_interface.save_session(app, session, t.cast(t.Any, Alien()))
    assert told == [("vary", "Cookie"), ("cookie", "session"), ("vary", "Cookie")]
