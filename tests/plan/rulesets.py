"""Random rule sets, and paths that nearly fit them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from hypothesis import strategies as st
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter, Rule, ValidationError

from erlen import Erlen


class Pair(BaseConverter):
    """Two numbers; its expression has groups of its own."""

    regex = r"(\d)-(\d)"

    def to_python(self, value: str) -> tuple[int, ...]:
        return tuple(int(number) for number in value.split("-"))

    def to_url(self, value: t.Any) -> str:
        return "-".join(str(number) for number in value)


class Slashed(BaseConverter):
    """Two segments with a slash between them."""

    regex = r"[ab]/(?:[ab1])"


class Picky(BaseConverter):
    """Refuses a value that its expression lets pass."""

    def to_python(self, value: str) -> str:
        if value == "b":
            raise ValidationError
        return value.upper()


class Missing(BaseConverter):
    """Looks something up that is not there."""

    weight = 20

    def to_python(self, value: str) -> str:
        if value == "1":
            raise NotFound("no such thing")
        return value


CONVERTERS: dict[str, type[BaseConverter]] = {
    "pair": Pair,
    "slashed": Slashed,
    "picky": Picky,
    "missing": Missing,
}

UUID = "0f81e3b4-5b1b-4d11-9fe0-2ab6e3f3b3d5"
# The converter before the name in angle brackets; values that fit it, and values that nearly do.
VARIABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "": (("a", "b", "1", "é", "a.html", " ", "a\n"), ("",)),
    "string(length=2):": (("ab", "éé"), ("a", "abc")),
    "string(minlength=2):": (("ab", "abc"), ("a",)),
    "string(maxlength=1):": (("a", "\n"), ("ab",)),
    "int:": (("1", "007", "٣"), ("-1", "1.5", "a", "1\n")),
    "int(min=2, max=5):": (("2", "5"), ("1", "6")),
    "int(fixed_digits=2):": (("12", "07"), ("1", "123")),
    "int(signed=True):": (("-1", "1"), ("--1",)),
    "float:": (("1.5",), ("1", "1.5.1", "-1.5")),
    "float(signed=True, max=2):": (("-1.5", "1.5"), ("2.5",)),
    "path:": (("a", "a/b", "1", "é/b"), ("a/b/", "a//b", "/a")),
    "any(a, b1, 'c.d'):": (("a", "b1", "c.d"), ("c-d",)),
    "uuid:": ((UUID, UUID.upper()), (UUID[1:],)),
    "pair:": (("1-2",), ("1-", "1-2-3")),
    "slashed:": (("a/b", "b/1"), ("a", "a/b/")),
    "picky:": (("a",), ("b",)),
    "missing:": (("a",), ("1",)),
}
STATICS = ("a", "b", "1", "ab", "a.html", "é", ".", "..", "a b", "%41", "a|b", "(a)")


@dataclass(frozen=True)
class Variable:
    kind: str
    name: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return f"{self.before}<{self.kind}{self.name}>{self.after}"


Part: t.TypeAlias = "str | Variable"


@dataclass(frozen=True)
class Declared:
    """One rule: the parts between the slashes, and its options; `foreign` is not of Erlen's class."""

    parts: tuple[Part, ...]
    slash: bool
    foreign: bool = False
    options: dict[str, t.Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "/" + "/".join(map(str, self.parts)) + ("/" if self.slash and self.parts else "")

    def add_to(self, app: Erlen) -> None:
        kind = Rule if self.foreign else app.url_rule_class
        app.url_map.add(kind(self.text, **self.options))


@dataclass(frozen=True)
class RuleSet:
    settings: dict[str, t.Any]
    subdomain_matching: bool
    host_matching: bool
    rules: tuple[Declared, ...]

    def application(self) -> Erlen:
        app = Erlen(
            __name__,
            static_folder=None,
            host_matching=self.host_matching,
            subdomain_matching=self.subdomain_matching,
        )
        app.config["SERVER_NAME"] = "erlen.test" if self.subdomain_matching else None
        app.url_map.converters.update(CONVERTERS)
        for name, value in self.settings.items():
            setattr(app.url_map, name, value)
        for rule in self.rules:
            rule.add_to(app)
        return app

    def host_of(self, rule: Declared) -> str:
        """Return a host that the rule is for."""
        if self.host_matching:
            return str(rule.options["host"]).replace("<z>", "b")
        if self.subdomain_matching:
            return f"{rule.options['subdomain']}.erlen.test".replace("<z>", "b").lstrip(".")
        return "erlen.test"


@dataclass(frozen=True)
class Asked:
    path: str
    method: str
    host: str
    query: str = ""
    scheme: str = "http"

    def environ(self) -> dict[str, t.Any]:
        return {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path.encode().decode("latin1"),
            "SCRIPT_NAME": "",
            "QUERY_STRING": self.query,
            "SERVER_NAME": "erlen.test",
            "SERVER_PORT": "80",
            "HTTP_HOST": self.host,
            "wsgi.url_scheme": self.scheme,
        }


HOSTS = ("erlen.test", "a.erlen.test", "b.a.erlen.test", "ERLEN.test:80", "other.test", "a.other.test")


@st.composite
def _parts(draw: st.DrawFn) -> tuple[Part, ...]:
    parts: list[Part] = []
    for name in draw(st.lists(st.sampled_from(("x", "y", "z")), unique=True, max_size=3)):
        if draw(st.booleans()):
            parts.append(draw(st.sampled_from(STATICS)))
        before, after = draw(st.sampled_from((("", ""),) * 4 + (("a-", ""), ("", ".html"), ("a", "b"))))
        parts.append(Variable(draw(st.sampled_from(tuple(VARIABLES))), name, before, after))
    if not parts or draw(st.integers(0, 2)) == 0:
        parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from(STATICS)))
    if draw(st.integers(0, 9)) == 0:
        parts.insert(draw(st.integers(0, len(parts))), "")
    return tuple(parts)


def _target(adapter: t.Any, **values: t.Any) -> str:
    return "/target/" + "-".join(sorted(values))


_slashes = st.sampled_from((None, None, True, False))
_methods = st.sampled_from((None, ("GET",), ("POST",), ("GET", "POST"), ("PUT", "OPTIONS")))


@st.composite
def _domain(draw: st.DrawFn, hosts: bool, taken: set[str]) -> str:
    usual, other = ("erlen.test", "a.erlen.test") if hosts else ("", "a")
    chosen = draw(st.integers(0, 24))
    # One domain with a variable leaves the whole map to Werkzeug: seldom.
    if chosen == 0 and "z" not in taken:
        return "<z>.erlen.test" if hosts else "<z>"
    return other if chosen < 8 else usual


@st.composite
def _declared(draw: st.DrawFn, hosts: bool) -> Declared:
    parts = draw(st.one_of(st.just(()), _parts(), _parts(), _parts()))
    options: dict[str, t.Any] = {
        "endpoint": draw(st.sampled_from(("one", "two", "three"))),
        "methods": draw(_methods),
        "strict_slashes": draw(_slashes),
        "merge_slashes": draw(_slashes),
    }
    variables = [part for part in parts if isinstance(part, Variable)]
    missing = {"x", "y", "z"} - {part.name for part in variables}
    if missing and draw(st.integers(0, 3)) == 0:
        options["defaults"] = {name: draw(st.sampled_from((1, "a"))) for name in sorted(missing)[:1]}
    if draw(st.integers(0, 3)) == 0:
        options.update(draw(st.sampled_from(_UNUSUAL)))
    if options.get("websocket") and options["methods"] not in (None, ("GET",)):
        options["methods"] = None
    options["host" if hosts else "subdomain"] = draw(_domain(hosts, {part.name for part in variables}))
    return Declared(parts, draw(st.booleans()), draw(st.integers(0, 7)) == 0, options)


_UNUSUAL: tuple[dict[str, t.Any], ...] = (
    {"alias": True},
    {"redirect_to": "target"},
    {"redirect_to": _target},
    {"build_only": True},
    {"websocket": True},
)


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    hosts = draw(st.integers(0, 5)) == 0
    names = ("strict_slashes", "merge_slashes", "redirect_defaults")
    # What most applications do, half of the time.
    settings = {name: draw(st.booleans()) for name in names} if draw(st.booleans()) else {}
    rules = draw(st.lists(_declared(hosts), min_size=1, max_size=7))
    return RuleSet(settings, not hosts and draw(st.booleans()), hosts, tuple(rules))


def _fill(draw: st.DrawFn, rule: Declared) -> str:
    segments: list[str] = []
    for part in rule.parts:
        if isinstance(part, Variable):
            fitting, near = VARIABLES[part.kind]
            value = draw(st.sampled_from(fitting if draw(st.integers(0, 4)) else near))
            segments.append(f"{part.before}{value}{part.after}")
        else:
            segments.append(part)
    return "/" + "/".join(segments) + ("/" if rule.slash and rule.parts else "")


def _spoil(draw: st.DrawFn, path: str) -> str:
    """Change a path as browsers and attackers do."""
    change = draw(st.sampled_from(("slash", "no slash", "double", "before", "more", "bare")))
    if change == "slash":
        return f"{path}/"
    if change == "no slash":
        return path.rstrip("/")
    if change == "double":
        at = draw(st.integers(0, len(path)))
        return path[:at] + "//" + path[at:]
    if change == "before":
        return f"//{path}"
    if change == "more":
        return f"{path}/{draw(st.sampled_from(STATICS))}"
    return path.lstrip("/")


_odd = st.sampled_from(("", "/", "//", "///", "/.", "/\n", "/a/\n", "/%2F", "/é", "/\0", "/a|b", "a"))
_any_method = st.sampled_from(("GET", "HEAD", "POST", "PUT", "OPTIONS", "get", "--"))
_usual_query = st.sampled_from(("", "", "q=1"))


@st.composite
def requests_for(draw: st.DrawFn, rules: RuleSet) -> Asked:
    """Ask for what a rule says, for the most part; else for something near it."""
    rule = draw(st.sampled_from(rules.rules))
    strange = draw(st.sampled_from((None,) * 5 + ("path", "odd path", "method", "host")))
    path = _fill(draw, rule)
    if strange == "path":
        path = _spoil(draw, path)
    if strange == "odd path":
        path = draw(st.one_of(_odd, st.text("ab1/.-é\n%", max_size=8)))
    method = draw(
        _any_method if strange == "method" else st.sampled_from(rule.options["methods"] or ("GET",))
    )
    host = draw(st.sampled_from(HOSTS)) if strange == "host" else rules.host_of(rule)
    scheme = draw(st.sampled_from(("http",) * 9 + ("https", "ws")))
    return Asked(path, method, host, draw(_usual_query), scheme)


@st.composite
def cases(draw: st.DrawFn) -> tuple[RuleSet, list[Asked]]:
    rules = draw(rule_sets())
    return rules, draw(st.lists(requests_for(rules), min_size=1, max_size=12))
