"""Sessions: data that an application keeps for a browser, by default in a signed cookie."""

from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta, timezone

from werkzeug.datastructures import CallbackDict, EnvironHeaders

from ..json.tag import TaggedJSONSerializer
from ..late_module import add_late_module, late_names
from ..observe import Watched
from ..wrappers import Request, Response
from ..wrappers.cookies import read_cookie
from ..wrappers.headers import vary_on_cookie

if t.TYPE_CHECKING:
    from itsdangerous import BadSignature as BadSignature
    from itsdangerous import URLSafeTimedSerializer as URLSafeTimedSerializer

    from . import signing
else:
    # PERF: ItsDangerous takes 2 % of the time that importing Erlen took.
    signing = add_late_module(f"{__name__}.signing")
    __getattr__ = late_names(
        __name__, dict.fromkeys(("BadSignature", "URLSafeTimedSerializer"), "itsdangerous")
    )

# An application. No annotation down here may name its class, and users, who override most of these methods,
# say `app: Flask` themselves.
_App: t.TypeAlias = t.Any

_NO_SECRET_KEY = (
    "The session is unavailable because no secret key was set. Set app.secret_key, or SECRET_KEY in"
    " the configuration, to a random value that stays the same and stays secret. This prints one:"
    " python -c 'import secrets; print(secrets.token_hex())'"
)


def lazy_sha1(string: bytes = b"") -> t.Any:
    """Return a SHA-1 hash; looked up at each call, because a FIPS build of Python may not have it."""
    return hashlib.sha1(string)


# COMPAT: Flask's name.
_lazy_sha1 = lazy_sha1


class SessionMixin(MutableMapping[str, t.Any]):
    """The attributes that make a dict a session."""

    # Whether the session was made for this request. False may also mean that it is not known.
    new = False
    # Whether it has to be saved. Without a way to notice changes: always.
    modified = True
    # Whether the request read it, through `session` or the request context: then the response
    # depends on the cookie, and has `Vary: Cookie`.
    accessed = False

    @property
    def permanent(self) -> bool:
        """Whether the session is kept when the browser is closed; stored in the session as ``_permanent``."""
        permanent: bool = self.get("_permanent", False)
        return permanent

    @permanent.setter
    def permanent(self, value: bool) -> None:
        self["_permanent"] = bool(value)


class SecureCookieSession(CallbackDict[str, t.Any], SessionMixin):  # pyright: ignore[reportIncompatibleMethodOverride]
    """A session that notices its changes.

    Only those of the session itself: after changing a list or dict inside it, set
    ``session.modified = True``.
    """

    modified = False

    def __init__(self, initial: Mapping[str, t.Any] | None = None) -> None:
        super().__init__(initial, mark_modified)

    # PERF: Werkzeug's way takes three calls: 0.17 us instead of 0.39 (CPython 3.11).
    def __setitem__(self, key: str, value: t.Any) -> None:
        if type(self) is SecureCookieSession and self.on_update is mark_modified:
            dict.__setitem__(self, key, value)
            self.modified = True
        else:
            super().__setitem__(key, value)

    def seal(self) -> None:
        """Make the session read-only: the request is over, and changes would not be saved."""
        self.on_update = _refuse_change


# As it was when Erlen was imported.
init_session = SecureCookieSession.__init__


def mark_modified(session: SecureCookieSession) -> None:
    session.modified = True


def _refuse_change(session: SecureCookieSession) -> t.NoReturn:
    raise RuntimeError(
        "The session was changed after its request had ended, by a task that goes on: it has been saved"
        " with the response, and this change would be lost. Change it before the view returns."
    )


class NullSession(SecureCookieSession):
    """An empty session, for when none can be opened: writing to it is an error."""

    def _fail(self, *args: t.Any, **kwargs: t.Any) -> t.NoReturn:
        raise RuntimeError(_NO_SECRET_KEY)

    __setitem__ = __delitem__ = clear = pop = popitem = update = setdefault = _fail
    del _fail


class SessionInterface(metaclass=Watched):
    """An interface that opens a session at the beginning of a request and saves it at the end.

    Subclasses supply ``open_session`` and ``save_session``. What ``open_session`` returns is a dict
    with SessionMixin, and an instance of the subclass is set as ``app.session_interface``. Requests
    of one browser may run at the same time: what is stored elsewhere may need a lock.
    """

    # The class of the null session, for when a session cannot be opened.
    null_session_class = NullSession
    # Whether sessions are stored with pickle, and so may hold any object.
    pickle_based = False

    def open_session(self, app: _App, request: Request) -> SessionMixin | None:
        """Return the session of a request; None where there can be none: a null session is used then.

        It runs when the request context is pushed, before the URL is matched.
        """
        raise NotImplementedError

    def save_session(self, app: _App, session: SessionMixin, response: Response) -> None:
        """Store the session and tell the browser, at the end of a request; null sessions are not saved."""
        raise NotImplementedError

    def make_null_session(self, app: _App) -> NullSession:
        """Make the null session, for a session that could not be opened."""
        return self.null_session_class()

    def is_null_session(self, obj: object) -> bool:
        """Tell whether a session is a null session."""
        return isinstance(obj, self.null_session_class)

    # the cookie, as the configuration describes it

    def get_cookie_name(self, app: _App) -> str:
        """Return ``SESSION_COOKIE_NAME``."""
        name: str = app.config["SESSION_COOKIE_NAME"]
        return name

    def get_cookie_domain(self, app: _App) -> str | None:
        """Return ``SESSION_COOKIE_DOMAIN``; with None, only the very host that set the cookie gets it."""
        domain: str | None = app.config["SESSION_COOKIE_DOMAIN"]
        return domain

    def get_cookie_path(self, app: _App) -> str:
        """Return ``SESSION_COOKIE_PATH``, or ``APPLICATION_ROOT`` where that is not set."""
        path: str = app.config["SESSION_COOKIE_PATH"] or app.config["APPLICATION_ROOT"]
        return path

    def get_cookie_httponly(self, app: _App) -> bool:
        """Return ``SESSION_COOKIE_HTTPONLY``: whether scripts are kept from the cookie."""
        httponly: bool = app.config["SESSION_COOKIE_HTTPONLY"]
        return httponly

    def get_cookie_secure(self, app: _App) -> bool:
        """Return ``SESSION_COOKIE_SECURE``: whether the cookie travels over HTTPS only."""
        secure: bool = app.config["SESSION_COOKIE_SECURE"]
        return secure

    def get_cookie_samesite(self, app: _App) -> str | None:
        """Return ``SESSION_COOKIE_SAMESITE``: "Lax", "Strict", "None", or None to leave it out."""
        samesite: str | None = app.config["SESSION_COOKIE_SAMESITE"]
        return samesite

    def get_cookie_partitioned(self, app: _App) -> bool:
        """Return ``SESSION_COOKIE_PARTITIONED``: whether each embedding site has a cookie of its own."""
        partitioned: bool = app.config["SESSION_COOKIE_PARTITIONED"]
        return partitioned

    def get_expiration_time(self, app: _App, session: SessionMixin) -> datetime | None:
        """Return when a permanent session ends if nobody comes back, in UTC; None for any other."""
        if not session.permanent:
            return None
        return end_of(app.permanent_session_lifetime)

    def should_set_cookie(self, app: _App, session: SessionMixin) -> bool:
        """Tell whether the response has to set the cookie.

        A changed session has to be stored. A permanent one is renewed by each request, unless
        ``SESSION_REFRESH_EACH_REQUEST`` is off.
        """
        return session.modified or (session.permanent and app.config["SESSION_REFRESH_EACH_REQUEST"])


def end_of(lifetime: timedelta) -> datetime:
    """Return when what lasts so long ends if it begins now, in UTC."""
    return datetime.now(timezone.utc) + lifetime


session_json_serializer = TaggedJSONSerializer()


class SecureCookieSessionInterface(SessionInterface):
    """Sessions in a signed cookie: anybody can read it, and writing it takes the secret key."""

    # The salt, which distinguishes these signatures from others made with the same key.
    salt = "cookie-session"
    # The hash function of the signature.
    digest_method = staticmethod(_lazy_sha1)
    # How a key is derived from secret key and salt: a name that ItsDangerous knows.
    key_derivation = "hmac"
    # The serializer that turns a session into text and back.
    serializer = session_json_serializer
    session_class = SecureCookieSession

    def __setattr__(self, name: str, value: t.Any) -> None:
        super().__setattr__(name, value)
        # The plan looks at this interface once; any other interface is called on every request.
        if type(self) is SecureCookieSessionInterface:
            Watched.report()

    def get_signing_serializer(self, app: _App) -> URLSafeTimedSerializer | None:
        """Return the serializer that signs and reads cookies; None without a secret key.

        It signs with the secret key, and also reads what ``SECRET_KEY_FALLBACKS`` signed. Raises TypeError
        or ValueError where those are not a list of keys.
        """
        key, fallbacks = app.secret_key, app.config["SECRET_KEY_FALLBACKS"]
        if not key:
            return None
        # ItsDangerous signs with the last one.
        keys = (*signing.checked_fallbacks(fallbacks), key) if fallbacks else (key,)
        settings = (self.salt, self.serializer, self.key_derivation, self.digest_method)
        try:
            return signing.signing_serializer(keys, *settings)
        except TypeError:  # a value that cannot be hashed
            return signing.signing_serializer.__wrapped__(keys, *settings)

    def open_session(self, app: _App, request: Request) -> SecureCookieSession | None:
        """Return the session of the cookie; an empty one if that is missing, forged, too old or broken."""
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        if cookie := _cookie_of(request, self.get_cookie_name(app)):
            # SECURITY: the browser may keep a cookie longer than it should; the signature has its time.
            max_age = int(app.permanent_session_lifetime.total_seconds())
            try:
                data = serializer.loads(cookie, max_age=max_age)
            except signing.UNREADABLE:
                data = None
            # SECURITY: another application that knows the key may have signed anything.
            if isinstance(data, Mapping):
                return self.session_class(data)
        return self.session_class()

    def save_session(self, app: _App, session: SessionMixin, response: Response) -> None:
        """Set the cookie where that is needed, or delete it where the session was emptied."""
        accessed = session.accessed
        if session and self.should_set_cookie(app, session):
            try:
                self._set_cookie(app, session, response, accessed)
            except BaseException:
                if accessed:
                    vary_on_cookie(response)  # COMPAT: it may be sent all the same, and depends on the cookie
                raise
        elif accessed:
            vary_on_cookie(response)
        if not session and session.modified:
            response.delete_cookie(self.get_cookie_name(app), **self.cookie_attributes(app))
            vary_on_cookie(response)

    def _set_cookie(self, app: _App, session: SessionMixin, response: Response, accessed: bool) -> None:
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            raise RuntimeError(_NO_SECRET_KEY)
        name, value = self.get_cookie_name(app), serializer.dumps(dict(session))
        expires, attributes = self.get_expiration_time(app, session), self.cookie_attributes(app)
        if accessed:
            vary_on_cookie(response)
        response.set_cookie(name, value, expires=expires, **attributes)
        vary_on_cookie(response)

    def cookie_attributes(self, app: _App) -> dict[str, t.Any]:
        """Return the attributes of the cookie, by the names of ``Response.set_cookie``."""
        return {
            "domain": self.get_cookie_domain(app),
            "path": self.get_cookie_path(app),
            "secure": self.get_cookie_secure(app),
            "partitioned": self.get_cookie_partitioned(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": self.get_cookie_httponly(app),
        }


def _cookie_of(request: t.Any, name: str) -> str | None:
    """Return the value of a cookie: what ``request.cookies`` has, without reading the others if it can."""
    if getattr(type(request), "reads_cookies_plainly", False) and reads_cookies_of_environ(vars(request)):
        header = request.environ.get("HTTP_COOKIE")
        value = read_cookie(header, name) if header else ""
        if value is not None:
            return value
    parsed: str | None = request.cookies.get(name)
    return parsed


def reads_cookies_of_environ(attributes: dict[str, t.Any]) -> bool:
    """Tell whether ``request.cookies`` would be made of the environ, by the attributes of the request."""
    if "cookies" in attributes or "dict_storage_class" in attributes:
        return False
    headers = attributes.get("headers")
    return headers is None or (
        type(headers) is EnvironHeaders and headers.environ is attributes.get("environ")
    )
