"""The sessions of an application that replaces nothing of them, in few steps.

Cookies are Flask's to the letter. What they need is worked out once for a configuration: the key, the name,
the attributes. Whatever is not as Erlen would have written it is left to the interface.
"""

from __future__ import annotations

import time
import typing as t
from binascii import a2b_base64
from collections.abc import Mapping
from hmac import compare_digest

from itsdangerous import TimestampSigner, timed

from ..json.provider import DefaultJSONProvider
from ..json.tag import read_tagged, tags_plainly, write_tagged
from ..wrappers import Response
from ..wrappers.cookies import around_cookie, date_of, is_plain_cookie_value, read_cookie
from ..wrappers.headers import ResponseHeaders, vary_on_cookie
from . import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
    end_of,
    init_session,
    mark_modified,
)
from .signing import FROM_URL_SAFE, UNREADABLE, KeyedHash, packed, stamp_of, unpacked

# This file is imported late: what may have been patched by then is known from elsewhere, or by its code.
_own_clock: t.Any = TimestampSigner.get_timestamp
if getattr(getattr(_own_clock, "__code__", None), "co_filename", None) != timed.__file__:
    _own_clock = None
_new_session = SecureCookieSession.__new__
# Any date: it marks the place where the date of a cookie goes.
_DATE = "Thu, 01 Jan 1970 00:00:01 GMT"

Headers: t.TypeAlias = "tuple[tuple[str, str], ...]"
_VARY = ("Vary", "Cookie")
_NOTHING: Headers = ()
_ONLY_VARY: Headers = (_VARY,)


class StraightSessions:
    """What opens and saves sessions as SecureCookieSessionInterface does, while its methods are its own.

    PERF: a cookie with two items is read in 3.7 us and written in 3.8; by a serializer of ``signing`` alone,
    which knows nothing else of cookies, in 5.9 and 6.8 (CPython 3.11).
    """

    __slots__ = (
        "_around",
        "_around_date",
        "_codec",
        "_lifetime",
        "_max_age",
        "_most",
        "_old_keys",
        "_older",
        "_prefix",
        "_refreshes",
        "_serializer",
        "_sign",
        "_signer",
        "_tagging",
        "name",
    )

    def __init__(self, app: t.Any, interface: SecureCookieSessionInterface) -> None:
        """Work out what a cookie needs. Raises ValueError where the interface has to do it."""
        tagging, provider = interface.serializer, app.json
        # Asked of the type: a mock says by its ``__class__`` that it is one.
        is_known = issubclass(type(provider), DefaultJSONProvider)
        if not tags_plainly(tagging) or not is_known:
            raise ValueError("a part of it does something else")
        serializer: t.Any = interface.get_signing_serializer(app)
        if serializer is None:
            raise ValueError("no key")
        self._serializer, self._signer = serializer, serializer.make_signer()
        # ItsDangerous signs with the last key, and tries the others from there on.
        derived = map(self._signer.derive_key, reversed(self._signer.secret_keys))
        self._sign, *self._older = [KeyedHash(key).sign for key in derived]
        # A list of old keys may be changed in place: as it is, and as it was.
        keys = app.config["SECRET_KEY_FALLBACKS"]
        if keys is not None and type(keys) is not list and type(keys) is not tuple:
            raise ValueError("old keys that cannot be looked at again")
        self._old_keys = (keys, keys.copy()) if type(keys) is list else None
        self._tagging, self._codec = tagging, provider.compact_codec()
        self.name = interface.get_cookie_name(app)
        # The beginning of a header whose first cookie is this one.
        self._prefix = f"{self.name}="
        attributes = interface.cookie_attributes(app)
        around = around_cookie(self.name, None, **attributes)
        dated = around_cookie(self.name, _DATE, **attributes)
        if around is None or dated is None or dated[1].count(_DATE) != 1 or not self.name:
            raise ValueError("a cookie that Werkzeug has to read or write")
        "".join((*around, *dated)).encode("latin1")  # ValueError where it cannot be sent
        self._around, self._around_date = around, dated[1].split(_DATE)
        self._lifetime = app.permanent_session_lifetime
        self._max_age = int(self._lifetime.total_seconds())
        self._most: int = app.config["MAX_COOKIE_SIZE"]
        self._refreshes: bool = app.config["SESSION_REFRESH_EACH_REQUEST"]

    def open(self, header: str | None) -> SecureCookieSession | None:
        """Return the session in a Cookie header; None where the interface has to open it."""
        if self._old_keys is not None and self._old_keys[0] != self._old_keys[1]:
            return None
        cookie: str | None = ""
        if header:
            if header.startswith(self._prefix):
                cookie = header[len(self._prefix) :].partition(";")[0]
            if not cookie or not is_plain_cookie_value(cookie):
                cookie = read_cookie(header, self.name)
                if cookie is None:
                    return None
        data = self._read(cookie) if cookie else {}
        # SECURITY: another application that knows the key may have signed anything.
        if type(data) is not dict or SecureCookieSession.__init__ is not init_session:
            return SecureCookieSession(data if isinstance(data, Mapping) else None)
        # PERF: without the constructors, 0.3 us less (CPython 3.11).
        session = _new_session(SecureCookieSession)
        dict.update(session, data)
        session.on_update = mark_modified
        return session

    def _read(self, cookie: str) -> t.Any:
        """Return what is signed in a cookie; None where it cannot be read."""
        stamped, _, signature = cookie.encode().rpartition(b".")
        # SECURITY: compared in constant time, and only in the spelling that Erlen writes.
        if compare_digest(signature, self._sign(stamped)) or self._is_signed_by_older(stamped, signature):
            payload, dot, stamp = stamped.rpartition(b".")
            try:
                moment = int.from_bytes(a2b_base64(stamp.translate(FROM_URL_SAFE) + b"=="), "big")
                if dot and 0 <= self._time() - moment <= self._max_age:
                    if payload[:1] == b".":
                        text = unpacked(payload)
                    else:
                        text = a2b_base64(payload.translate(FROM_URL_SAFE) + b"=" * (-len(payload) % 4))
                    return read_tagged(self._tagging, text.decode(), self._codec)
            except Exception:  # signed, but not by Erlen
                pass
        try:
            return self._serializer.loads(cookie, max_age=self._max_age)
        except UNREADABLE:
            return None

    def _is_signed_by_older(self, stamped: bytes, signature: bytes) -> bool:
        return any(compare_digest(signature, sign(stamped)) for sign in self._older)

    def headers_for(self, session: SessionMixin | None) -> Headers | None:
        """Return the headers that save a session; None where the interface has to do that."""
        if type(session) is not SecureCookieSession:
            return None
        accessed = session.accessed
        if not (session.modified or (self._refreshes and session.get("_permanent"))):
            return _ONLY_VARY if accessed else _NOTHING
        cookie = self._write(session)
        if cookie is None:
            return None
        return (_VARY, ("Set-Cookie", cookie)) if accessed else (("Set-Cookie", cookie), _VARY)

    def save(self, session: SessionMixin | None, response: Response) -> bool:
        """Save the session to a response; tell whether that was done, or the interface has to do it."""
        headers, kind = getattr(response, "headers", None), type(response)  # a mock may have none
        if (
            type(session) is not SecureCookieSession
            or type(headers) is not ResponseHeaders
            or not getattr(kind, "sets_cookies_plainly", False)
            or "set_cookie" in vars(response)
        ):
            return False
        accessed = session.accessed
        cookie: str | None = ""
        try:
            if session.modified or (self._refreshes and session.get("_permanent")):
                cookie = self._write(session)
                if cookie is None:
                    return False
        finally:
            # COMPAT: it may be sent although there was an exception.
            if accessed:
                vary_on_cookie(response)
        if cookie:
            headers._list.append(("Set-Cookie", cookie))
            if not accessed:
                vary_on_cookie(response)
        return True

    def _write(self, session: SecureCookieSession) -> str | None:
        """Return the text of the Set-Cookie header; None where the interface has to write or delete it."""
        if not session or (self._old_keys is not None and self._old_keys[0] != self._old_keys[1]):
            return None
        moment = int(time.time()) if TimestampSigner.get_timestamp is _own_clock else self._time()
        text = write_tagged(self._tagging, dict(session), self._codec)
        stamped = b"%b.%b" % (packed(text.encode()), stamp_of(moment))
        before, after = self._around
        if session.get("_permanent"):
            start, rest = self._around_date
            after = f"{start}{date_of(end_of(self._lifetime))}{rest}"
        cookie = f"{before}{stamped.decode()}.{self._sign(stamped).decode()}{after}"
        return None if self._most and len(cookie) > self._most else cookie

    def _time(self) -> int:
        # Time stands still in some tests.
        if TimestampSigner.get_timestamp is _own_clock:
            return int(time.time())
        moment: int = self._signer.get_timestamp()
        return moment
