"""JSON Web Signatures are those that ItsDangerous made, and of what RFC 7515 describes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timezone

import pytest
from itsdangerous import BadData, BadHeader, BadPayload, BadSignature, SignatureExpired

from erlen.legacy.libraries.jws import JSONWebSignatureSerializer, TimedJSONWebSignatureSerializer

SIGNER = JSONWebSignatureSerializer("secret")


def signed(*parts: bytes) -> bytes:
    """Sign parts by hand."""
    value = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = hmac.digest(b"secret", value, hashlib.sha512)
    return value + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")


def test_a_value_is_what_the_rfc_says() -> None:
    value = signed(b'{"alg":"HS512"}', b'{"x":42}')
    assert SIGNER.dumps({"x": 42}) == value
    assert SIGNER.loads(value) == {"x": 42}
    assert SIGNER.loads(value.decode(), return_header=True) == ({"x": 42}, {"alg": "HS512"})


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (SIGNER.dumps(1)[:-1], BadSignature),
        (JSONWebSignatureSerializer("other").dumps(1), BadSignature),
        (JSONWebSignatureSerializer("secret", salt="s").dumps(1), BadSignature),
        (b"", BadSignature),
        (signed(b'{"alg":"none"}', b"1"), BadHeader),
        (signed(b"{}", b"1"), BadHeader),
        (signed(b"[]", b"1"), BadHeader),
        (signed(b"no JSON", b"1"), BadHeader),
        (signed(b'{"alg":"HS512"}', b"no JSON"), BadPayload),
        (signed(b'{"alg":"HS512"}'), BadPayload),
    ],
)
def test_a_wrong_value_is_refused(value: bytes, error: type[BadData]) -> None:
    with pytest.raises(error):
        SIGNER.loads(value)


def test_an_unsafe_load_says_whether_the_signature_is_right() -> None:
    value = SIGNER.dumps([1])
    assert SIGNER.loads_unsafe(value) == (True, [1])
    assert SIGNER.loads_unsafe(value[:-2]) == (False, [1])
    assert SIGNER.loads_unsafe(b"nonsense") == (False, None)
    with pytest.raises(BadHeader):
        SIGNER.loads_unsafe(b"a.b.c")


def test_there_are_three_algorithms_and_none_is_not_one() -> None:
    for name in ("HS256", "HS384", "HS512"):
        serializer = JSONWebSignatureSerializer("secret", salt="s", algorithm_name=name)
        assert serializer.loads(serializer.dumps("ä")) == "ä"
    with pytest.raises(NotImplementedError, match="'none'"):
        JSONWebSignatureSerializer("secret", algorithm_name="none")


class AtTime(TimedJSONWebSignatureSerializer):
    time = 1000

    def now(self) -> int:
        return self.time


def test_a_timed_value_is_good_until_its_time_is_over() -> None:
    serializer = AtTime("secret", expires_in=60)
    value = serializer.dumps("id", header_fields={"v": 1})
    assert serializer.loads(value, return_header=True) == (
        "id",
        {"v": 1, "alg": "HS512", "iat": 1000, "exp": 1060},
    )
    serializer.time = 1060
    assert serializer.loads(value) == "id"
    serializer.time = 1061
    with pytest.raises(SignatureExpired) as caught:
        serializer.loads(value)
    assert caught.value.date_signed == datetime.fromtimestamp(1000, timezone.utc)
    assert caught.value.payload == "id"
    assert AtTime("secret").expires_in == 3600


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (b'{"alg":"HS512"}', BadSignature),
        (b'{"alg":"HS512","exp":"x"}', BadHeader),
        (b'{"alg":"HS512","exp":-1}', BadHeader),
    ],
)
def test_a_timed_value_needs_a_time(header: bytes, error: type[BadData]) -> None:
    with pytest.raises(error):
        AtTime("secret").loads(signed(header, b"1"))


def test_the_clock_is_the_systems() -> None:
    serializer = TimedJSONWebSignatureSerializer("secret", expires_in=60)
    assert serializer.loads(serializer.dumps(1)) == 1
    assert serializer.get_issue_date({}) is None
