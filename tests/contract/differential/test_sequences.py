"""Both frameworks go on alike when an application is changed between, around and under its requests."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import changes, strategies
from .comparison import assert_same, searching
from .peers import Peers

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]

_TABLES = st.sampled_from(list(changes.DECORATORS))
_LABELS = st.sampled_from(["one", "two", "three"])
_SCOPES = st.sampled_from([None, None, "parts", "parts.inner"])
_ENDPOINTS = st.sampled_from(
    ["index", "name", "number", "echo", "parts.page", "parts.inner.local", "nowhere"]
)
_CONFIG = st.sampled_from(
    [
        ("TESTING", True),
        ("TESTING", False),
        ("DEBUG", True),
        ("DEBUG", False),
        ("PROPAGATE_EXCEPTIONS", True),
        ("PROPAGATE_EXCEPTIONS", False),
        ("PROPAGATE_EXCEPTIONS", None),
        ("TRAP_HTTP_EXCEPTIONS", True),
        ("TRAP_BAD_REQUEST_ERRORS", True),
        ("SERVER_NAME", "shop.test:8080"),
        ("SERVER_NAME", None),
        ("APPLICATION_ROOT", "/shop"),
        ("PREFERRED_URL_SCHEME", "https"),
        ("TRUSTED_HOSTS", ["shop.test"]),
        ("TRUSTED_HOSTS", None),
        ("SECRET_KEY", "another"),
        ("SECRET_KEY", None),
        ("SECRET_KEY", "a key for tests"),
        ("SESSION_COOKIE_NAME", "box"),
        ("SESSION_COOKIE_PATH", "/x"),
        ("SESSION_COOKIE_DOMAIN", "shop.test"),
        ("SESSION_COOKIE_SECURE", True),
        ("SESSION_REFRESH_EACH_REQUEST", False),
        ("PERMANENT_SESSION_LIFETIME", 10),
        ("MAX_CONTENT_LENGTH", 4),
        ("MAX_FORM_PARTS", 1),
        ("MAX_FORM_MEMORY_SIZE", 3),
        ("SEND_FILE_MAX_AGE_DEFAULT", 60),
        ("MAX_COOKIE_SIZE", 10),
        ("PROVIDE_AUTOMATIC_OPTIONS", False),
        ("TEMPLATES_AUTO_RELOAD", True),
        ("OWN_KEY", 1),
    ]
)


def _change(what: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"do": st.just("change"), "what": st.just(what), **arguments})


def _words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


_HOW_TO_HOOK = ["append", "insert", "foreign list", "new list", "rewrite", "new dict", "decorator"]
_HOW_TO_UNHOOK = ["pop", "del", "clear list", "clear dict", "last"]

CHANGES = st.one_of(
    _CONFIG.flatmap(
        lambda pair: _change(
            "config", key=st.just(pair[0]), value=st.just(pair[1]), how=_words("set update mapping replace")
        )
    ),
    _change("unset", key=st.just("OWN_KEY")),
    _change(
        "hook",
        table=_TABLES,
        label=_LABELS,
        scope=_SCOPES,
        how=st.sampled_from(_HOW_TO_HOOK),
        answers=st.booleans(),
    ),
    _change("unhook", table=_TABLES, scope=_SCOPES, how=st.sampled_from(_HOW_TO_UNHOOK)),
    _change("foreign_append", table=_TABLES, label=_LABELS),
    _change(
        "handler",
        code=st.sampled_from([None, 404, 405, 500]),
        error=_words("fault deep-fault unhandled lookup any"),
        label=_LABELS,
        scope=_SCOPES,
        how=_words("table table register remove"),
    ),
    _change(
        "view", endpoint=_ENDPOINTS, label=_LABELS, how=_words("replace wrap remove") | st.just("new dict")
    ),
    _change(
        "rule",
        rule=_words("/new /new/<int:n> /name/<name> /name/special /path/<path:p>/new/ /"),
        label=_LABELS,
        how=_words("map map route"),
        methods=st.sampled_from([None, ["GET"], ["POST"]]),
    ),
    _change(
        "rule_methods",
        endpoint=_words("index name number echo"),
        methods=st.sampled_from([["POST"], ["GET"], ["PURGE", "GET"]]),
        how=_words("replace add"),
    ),
    st.sampled_from(
        [(name, choice) for name, kinds in changes.ATTRIBUTES.items() for choice in kinds]
    ).flatmap(lambda pair: _change("attribute", name=st.just(pair[0]), choice=st.just(pair[1]))),
    _change("map_attribute", name=_words("strict_slashes merge_slashes"), value=st.booleans()),
    _change("processor", how=_words("append rewrite global"), label=_LABELS),
    _change(
        "environment",
        part=_words("filter test undefined autoescape finalize syntax extension") | st.just("remove filter"),
        label=_LABELS,
    ),
    _change(
        "list_of",
        name=_words("teardown_appcontext_funcs url_build_error_handlers"),
        label=_LABELS,
        how=_words("append replace clear"),
    ),
    _change("seam", name=st.sampled_from(changes.SEAMS)),
    _change("unseam", name=st.sampled_from(changes.SEAMS)),
    _change("middleware", label=_LABELS),
    _change("push", kind=_words("app app request"), label=_LABELS),
    _change("pop"),
    _change("look"),
    _change("dispatch"),
    _change("preprocess"),
    st.fixed_dictionaries({"do": st.just("clock"), "seconds": st.sampled_from([1, 50, 3_000_000])}),
)

_PLAIN_PATHS = """
    / /name/x /name/special /number/7 /number/x /echo /echo/a /parts/page /parts/inner/2/
    /parts/raise/fault /new /new/3 /nowhere /raise/fault /raise/unhandled /raise/lookup /abort/404
    /abort/500 /state/read /state/set/a /state/untouched /state/permanent/1 /result/dict
    /result/template /result/template-text /result/template-folded /result/none /static/page.txt /links
    /path/a/b /path/a/new/ /folder /form /json /methods/get
"""
_PLAIN_REQUESTS = st.fixed_dictionaries(
    {
        "do": st.just("request"),
        "method": _words("GET GET GET POST OPTIONS PURGE"),
        "path": _words(_PLAIN_PATHS),
        "headers": st.lists(
            st.sampled_from(
                [("Host", "shop.test:8080"), ("X-Break", "before-second"), ("Content-Type", "text/x")]
            )
            | st.sampled_from(
                [("X-Break", "after-app"), ("X-Break", "teardown-app"), ("X-Answer", "before-app")]
            )
            | strategies.COOKIES.map(lambda value: ("Cookie", f"session={value.encode().decode('latin-1')}")),
            max_size=2,
        ),
    }
)
STEPS = st.one_of(_PLAIN_REQUESTS, CHANGES)


@pytest.mark.parametrize("variant", ["plain", "bare", "subdomains", "propagating"])
def test_any_sequence_of_changes_and_requests_goes_alike(variant: str, peers: Peers) -> None:
    @searching(50, variant)
    @given(steps=st.lists(STEPS, min_size=2, max_size=14))
    def search(steps: list[dict[str, Any]]) -> None:
        assert_same(peers, [{"do": "new", "variant": variant}, *steps])

    search()
