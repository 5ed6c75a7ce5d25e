"""Risks of keys that sign: SECRET_KEY, those before it, and those of extensions."""

from __future__ import annotations

import ast
import typing as t

from erlen.sessions import SecureCookieSessionInterface

from ..finding import Finding, Kind, Level, Place
from . import written
from .key_quality import SHORTEST, Weakness, weakness_of

if t.TYPE_CHECKING:
    from ..examined import Examined

_FORGE = "Whoever knows the key writes any session and logs in as anybody"

MISSING = Kind(
    "secret-key-missing",
    Level.ERROR,
    "Without a key the first page that writes to the session is answered with a 500.",
)
SHORT = Kind(
    "secret-key-short",
    Level.ERROR,
    f"Keys can be tried on any cookie, without asking the site, and so few are soon through. {_FORGE}.",
)
PLACEHOLDER = Kind(
    "secret-key-placeholder",
    Level.ERROR,
    f"Lists of such keys are tried on every cookie, without asking the site. {_FORGE}.",
)
SIMPLE = Kind(
    "secret-key-simple",
    Level.WARNING,
    f"A key of few characters, or one that repeats itself, is guessed long before a random one. {_FORGE}.",
)
TRACKED = Kind(
    "secret-key-tracked",
    Level.ERROR,
    f"Everybody with the repository can read the key, and its history keeps it. {_FORGE}.",
)
IN_CODE = Kind(
    "secret-key-in-code",
    Level.WARNING,
    f"A program is copied, packed and shown to others, and the key with it. {_FORGE}.",
)
CHANGES = Kind(
    "secret-key-changes",
    Level.WARNING,
    "Each process makes its own: workers refuse each other's cookies, and a restart logs everybody out.",
)
FALLBACK_WEAK = Kind(
    "secret-key-fallback-weak",
    Level.ERROR,
    f"A key among the fallbacks is as good as SECRET_KEY for a forger. {_FORGE}.",
)
FALLBACK_TRACKED = Kind(
    "secret-key-fallback-tracked",
    Level.ERROR,
    f"A key among the fallbacks is as good as SECRET_KEY for whoever has the repository. {_FORGE}.",
)

# Keys of extensions sign tokens in the same way; without them SECRET_KEY does.
_SIGNING = ("SECRET_KEY", "JWT_SECRET_KEY", "WTF_CSRF_SECRET_KEY")
_FALLBACKS = "SECRET_KEY_FALLBACKS"
_WEAK: dict[Weakness, Kind] = {"placeholder": PLACEHOLDER, "short": SHORT, "simple": SIMPLE}
_NEW_KEY = "erlen secret --write"
_USES = frozenset(("session", "flash"))
_ATTRIBUTES = frozenset(f"{module}.{name}" for module in ("flask", "erlen") for name in _USES)
_RANDOM = frozenset(("urandom", "token_hex", "token_bytes", "token_urlsafe", "uuid4", "uuid1"))


def check_missing(examined: Examined) -> t.Iterator[Finding]:
    """Find an application that uses sessions and has no key for them."""
    app = examined.app
    if app.config["SECRET_KEY"] or not isinstance(app.session_interface, SecureCookieSessionInterface):
        return
    if "csrf" in app.extensions:
        yield MISSING.found(
            "SECRET_KEY is not set, and Flask-WTF signs its tokens with it.", write=_from_environment()
        )
        return
    place = next(_uses_of_session(examined), None)
    if place is not None:
        yield MISSING.found(
            "SECRET_KEY is not set, and sessions are used here.", place, write=_from_environment()
        )


def check_keys(examined: Examined) -> t.Iterator[Finding]:
    """Find keys that can be guessed, or read where others can read, too."""
    for name in _SIGNING:
        key = examined.app.config.get(name)
        if key and isinstance(key, (str, bytes)):
            yield from _problems(examined, name, key)


def check_fallbacks(examined: Examined) -> t.Iterator[Finding]:
    """Find the same of keys that are accepted still."""
    keys = examined.app.config.get(_FALLBACKS)
    place = written.place_of_setting(examined, _FALLBACKS)
    for number, key in enumerate(keys if isinstance(keys, (list, tuple)) else (), 1):
        if not key or not isinstance(key, (str, bytes)):
            continue
        weakness = weakness_of(key)
        if weakness is not None:
            what = f"{_FALLBACKS} has a key, the {_ordinal(number)}, that is {_said(weakness, key)}."
            yield FALLBACK_WEAK.found(what, place, write=f"Take it out of {_FALLBACKS}.")
        elif (tracked := _tracked(examined, key, place)) is not None:
            what = f"{_FALLBACKS} has a key, the {_ordinal(number)}, that git tracks."
            yield FALLBACK_TRACKED.found(what, tracked, write=f"Take it out of {_FALLBACKS}.")


def check_changes(examined: Examined) -> t.Iterator[Finding]:
    """Find a key that each process makes for itself."""
    recorded = examined.settings.get("SECRET_KEY")
    for place, value in written.assignments(examined, "SECRET_KEY"):
        if _is_random(value) and examined.app.config["SECRET_KEY"] and recorded in (None, place):
            yield CHANGES.found("SECRET_KEY is made anew by each process.", place, write=_from_environment())


def _problems(examined: Examined, name: str, key: str | bytes) -> t.Iterator[Finding]:
    """Yield the worst that is wrong with a key: the same new one mends all of it."""
    place = written.place_of_setting(examined, name)
    weakness = weakness_of(key)
    if weakness is not None:
        yield _WEAK[weakness].found(f"{name} is {_said(weakness, key)}.", place, write=_new(name, place))
    elif (tracked := _tracked(examined, key, place)) is not None:
        yield TRACKED.found(
            f"{name} can be read in a file that git tracks.", tracked, write=_new(name, tracked)
        )
    else:
        literals = (at for at, value in written.assignments(examined, name) if written.has_value(value, key))
        place = next((at for at in literals if not _is_kept_apart(examined, at)), None)
        if place is not None:
            yield IN_CODE.found(f"{name} is written in a program.", place, write=_from_environment(name))


def _tracked(examined: Examined, key: str | bytes, place: Place | None) -> Place | None:
    """Return a line of a tracked file that has the key, rather the one that sets it."""
    places = list(examined.repository.lines_with(key))
    return next((each for each in places if place and each.path == place.path), places[0] if places else None)


def _is_kept_apart(examined: Examined, place: Place) -> bool:
    """Tell whether a file stays on its machine: in the instance folder, or ignored by git."""
    repository = examined.repository
    if place.path.is_relative_to(examined.app.instance_path):
        return True
    return repository.root is not None and repository.ignores(place.path)


def _said(weakness: Weakness, key: str | bytes) -> str:
    # SECURITY: a report is read by others, so it does not have the key.
    if weakness == "placeholder":
        return "a placeholder, or copied from a page"
    length = len(key if isinstance(key, bytes) else key.encode("utf-8", "surrogatepass"))
    if weakness == "short":
        return f"of {length} bytes, and {SHORTEST} random ones are the least"
    return "of few different characters, or a pattern"


def _uses_of_session(examined: Examined) -> t.Iterator[Place]:
    for source in written.imported(examined):
        for node in source.nodes:
            if isinstance(node, ast.ImportFrom) and node.module in ("flask", "erlen"):
                if _USES.intersection(name.name for name in node.names):
                    yield Place(source.path, node.lineno)
            elif isinstance(node, ast.Attribute) and ast.unparse(node) in _ATTRIBUTES:
                yield Place(source.path, node.lineno)


def _is_random(value: ast.expr) -> bool:
    """Tell whether an expression is a call for something random, or a form of what that returns."""
    while isinstance(value, (ast.Call, ast.Attribute)):
        if isinstance(value, ast.Attribute):
            if value.attr in _RANDOM:
                return True
            value = value.value
        elif isinstance(value.func, ast.Name):
            if value.func.id in _RANDOM:
                return True
            if value.func.id not in ("str", "bytes", "repr") or not value.args:
                return False
            value = value.args[0]
        else:
            value = value.func
    return False


def _new(name: str, place: Place | None) -> str:
    """Return how to make another key, and where a program has this one, how to take it."""
    command = f"{_NEW_KEY} --name {name}" if name != "SECRET_KEY" else _NEW_KEY
    is_in_program = place is not None and place.path.suffix == ".py"
    return f"{_from_environment(name)}  # {command}" if is_in_program else command


def _from_environment(name: str = "SECRET_KEY") -> str:
    return f'app.config["{name}"] = os.environ["{name}"]'


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
