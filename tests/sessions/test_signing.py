"""What is signed is ItsDangerous's, and what was signed is judged as ItsDangerous judges it."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import typing as t

import itsdangerous
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode, int_to_bytes

from erlen.sessions.signing import KeyedHash, lazy_sha1, packed, signing_serializer
from tests.serve.beside import examples

NOW = 1_700_000_000

SETTINGS = st.fixed_dictionaries(
    {
        "keys": st.lists(st.sampled_from(["secret", b"secret", "old", "é"]), min_size=1, max_size=3).map(
            tuple
        ),
        "salt": st.sampled_from(["salt", b"salt", "other"]),
        "key_derivation": st.sampled_from(["hmac", "concat", "django-concat", "none"]),
        "digest_method": st.sampled_from([lazy_sha1, hashlib.sha1, hashlib.sha256]),
    }
)
VALUES = st.one_of(st.integers(), st.text(), st.lists(st.text()), st.just("x" * 500))


@pytest.fixture(autouse=True)
def _stand_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda self: NOW)


def ours(keys: t.Any, salt: t.Any, key_derivation: str, digest_method: t.Any) -> URLSafeTimedSerializer:
    return signing_serializer(keys, salt, json, key_derivation, digest_method)


def theirs(keys: t.Any, salt: t.Any, key_derivation: str, digest_method: t.Any) -> URLSafeTimedSerializer:
    signer = {"key_derivation": key_derivation, "digest_method": digest_method}
    return URLSafeTimedSerializer(keys, salt=salt, serializer=json, signer_kwargs=signer)


def read(serializer: URLSafeTimedSerializer, text: t.Any, **kwargs: t.Any) -> t.Any:
    """Return what is read; all that an error says, else."""
    try:
        return serializer.loads(text, **kwargs)
    except Exception as error:
        told = vars(error).copy()
        told.pop("original_error", None)
        return type(error), str(error), told


@examples(80)
@given(settings=SETTINGS, value=VALUES, salt=st.sampled_from([None, "salt", "else"]))
def test_what_is_signed_is_itsdangerous_to_the_last_character(
    settings: dict[str, t.Any], value: t.Any, salt: t.Any
) -> None:
    assert ours(**settings).dumps(value, salt=salt) == theirs(**settings).dumps(value, salt=salt)


READING = st.fixed_dictionaries(
    {},
    optional={
        "max_age": st.sampled_from([None, 0, 60, -1, 10**12, 1.5]),
        "return_timestamp": st.booleans(),
        "salt": st.sampled_from([None, "salt", "else"]),
    },
)
AGES = [0, 60, 61, -1, -(10**10), NOW]


@examples(120)
@given(writer=SETTINGS, reader=SETTINGS, value=VALUES, age=st.sampled_from(AGES), reading=READING)
def test_what_was_signed_is_read_or_refused_alike(
    writer: dict[str, t.Any], reader: dict[str, t.Any], value: t.Any, age: int, reading: dict[str, t.Any]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(itsdangerous.TimestampSigner, "get_timestamp", lambda self: NOW - age)
        text = theirs(**writer).dumps(value)
    for settings in (writer, reader):
        assert read(ours(**settings), text, **reading) == read(theirs(**settings), text, **reading)


PLAIN: dict[str, t.Any] = {
    "keys": ("old", "secret"),
    "salt": "salt",
    "key_derivation": "hmac",
    "digest_method": lazy_sha1,
}


@examples(120)
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, 60), st.integers(0, 3), st.text(st.sampled_from("aA.-_=+/\n\0é"), max_size=3)
        ),
        min_size=1,
        max_size=3,
    ),
    max_age=st.sampled_from([None, 60]),
    key=st.sampled_from(["old", "secret"]),
)
def test_what_was_changed_on_the_way_is_judged_alike(
    edits: list[tuple[int, int, str]], max_age: int | None, key: str
) -> None:
    text = theirs(**{**PLAIN, "keys": (key,)}).dumps({"n": 1})
    for place, cut, put in edits:
        text = text[:place] + put + text[place + cut :]
    expected = read(theirs(**PLAIN), text, max_age=max_age)
    assert read(ours(**PLAIN), text, max_age=max_age) == expected


def _signed(payload: bytes) -> str:
    """Sign bytes that our serializer would never write."""
    signer = t.cast(t.Any, theirs(**PLAIN).make_signer())
    return str((payload + b"." + itsdangerous.Signer.get_signature(signer, payload)).decode("latin1"))


STAMPS = [base64_encode(int_to_bytes(n)) for n in (0, 1, NOW, NOW + 1, 2**63, 2**64 - 1)] + [
    b"",
    b"!",
    b"x" * 20,
]
PAYLOADS = [b"", b"MQ", b"MQ==", b"M Q", b"not-json", b".MQ", b".eJwzBAAAMgAy", b"_w", b"A", b"a.b", b"\xff"]


@pytest.mark.parametrize("text", [b".".join(pair) for pair in itertools.product(PAYLOADS, STAMPS)] + PAYLOADS)
@pytest.mark.parametrize("max_age", [None, 60, 10**11])
def test_what_is_odd_though_signed_is_judged_alike(text: bytes, max_age: int | None) -> None:
    signed = _signed(text)
    assert read(ours(**PLAIN), signed, max_age=max_age) == read(theirs(**PLAIN), signed, max_age=max_age)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "...", "." * 10_000, "é", b"", b"\xff.x.y", "x" * 100_000, "\ud800"]
)
def test_garbage_is_refused_alike(text: t.Any) -> None:
    assert read(ours(**PLAIN), text, max_age=60) == read(theirs(**PLAIN), text, max_age=60)


def test_the_time_of_signing_can_be_asked_for() -> None:
    text = ours(**PLAIN).dumps({"n": 1})
    value, then = ours(**PLAIN).loads(text, max_age=60, return_timestamp=True)
    assert (value, then.timestamp()) == ({"n": 1}, NOW)


def test_a_serializer_of_bytes_gives_bytes() -> None:
    class Bytes:
        dumps = staticmethod(lambda value: json.dumps(value).encode())
        loads = staticmethod(json.loads)

    serializer = signing_serializer(("key",), "salt", Bytes, "hmac", lazy_sha1)
    reference = URLSafeTimedSerializer(
        ["key"], salt="salt", serializer=Bytes, signer_kwargs={"key_derivation": "hmac"}
    )
    assert serializer.dumps([1]) == reference.dumps([1])
    assert type(serializer.dumps([1])) is bytes
    assert serializer.loads(serializer.dumps([1]), max_age=1) == [1]


@examples(200)
@given(key=st.binary(max_size=140), text=st.binary(max_size=300))
def test_a_keyed_hash_signs_as_hmac_does(key: bytes, text: bytes) -> None:
    signed = KeyedHash(key)
    for _ in range(2):
        assert signed.sign(text) == base64_encode(hmac.digest(key, text, "sha1"))


class Verbatim:
    """A serializer of text that is text already."""

    dumps = staticmethod(lambda value: value)
    loads = staticmethod(lambda value: value)


# Text of few letters, of many, of JSON: where compression begins to pay is different for each.
LETTERS = [
    st.sampled_from("ab"),
    st.sampled_from('{}[]":,0123456789abcdef'),
    st.characters(max_codepoint=126),
]
TEXTS = st.one_of(*(st.text(letters, max_size=300) for letters in LETTERS)) | st.builds(
    lambda text, times, rest: text * times + rest,
    st.text(LETTERS[1], max_size=30),
    st.integers(1, 9),
    st.text(LETTERS[1], max_size=30),
)


@examples(400)
@given(TEXTS)
def test_text_is_compressed_where_itsdangerous_does(text: str) -> None:
    serializer = URLSafeTimedSerializer("key", serializer=Verbatim)
    assert packed(text.encode()) == serializer.dump_payload(text)


@pytest.mark.parametrize("length", range(33))
def test_very_short_text_is_compressed_where_itsdangerous_does(length: int) -> None:
    """As many letters as there may be, and each number of those that occur again."""
    serializer = URLSafeTimedSerializer("key", serializer=Verbatim)
    for different in range(1, length + 1):
        letters = "".join(chr(40 + 2 * number) for number in range(different))
        for text in (letters + letters[-1] * (length - different), (letters * length)[:length]):
            assert packed(text.encode()) == serializer.dump_payload(text)
