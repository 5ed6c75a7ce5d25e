"""The JSON Web Signatures that ItsDangerous had: compact, by HMAC, with and without a time limit.

SECURITY: there is no algorithm "none", which signs nothing; ItsDangerous had it for whoever asked by name.
"""

from __future__ import annotations

import hashlib
import json
import time
import typing as t
from datetime import datetime, timezone

from itsdangerous import (
    BadHeader,
    BadPayload,
    BadSignature,
    HMACAlgorithm,
    Serializer,
    SignatureExpired,
    Signer,
    base64_decode,
    base64_encode,
    want_bytes,
)


class _Compact:
    """JSON without blanks."""

    @staticmethod
    def loads(payload: str | bytes, **options: t.Any) -> t.Any:
        return json.loads(payload, **options)

    @staticmethod
    def dumps(obj: t.Any, **options: t.Any) -> str:
        return json.dumps(obj, **{"separators": (",", ":"), "ensure_ascii": False, **options})


class JSONWebSignatureSerializer(Serializer):
    """A serializer whose result is a header, a payload and a signature, with dots between them."""

    jws_algorithms: t.ClassVar[dict[str, HMACAlgorithm]] = {
        "HS256": HMACAlgorithm(hashlib.sha256),
        "HS384": HMACAlgorithm(hashlib.sha384),
        "HS512": HMACAlgorithm(hashlib.sha512),
    }
    default_algorithm = "HS512"
    default_serializer: t.Any = _Compact

    def __init__(
        self,
        secret_key: t.Any,
        salt: t.Any = None,
        serializer: t.Any = None,
        *,
        serializer_kwargs: t.Any = None,
        signer: t.Any = None,
        signer_kwargs: t.Any = None,
        algorithm_name: str | None = None,
    ) -> None:
        super().__init__(secret_key, b"", serializer, serializer_kwargs, signer, signer_kwargs)
        self.key_salt = None if salt is None else want_bytes(salt)
        self.algorithm_name = algorithm_name or self.default_algorithm
        self.algorithm = self.make_algorithm(self.algorithm_name)

    def make_algorithm(self, algorithm_name: str) -> HMACAlgorithm:
        """Return the algorithm of a name."""
        try:
            return self.jws_algorithms[algorithm_name]
        except KeyError:
            raise NotImplementedError(
                f"There is no algorithm {algorithm_name!r}, only {', '.join(self.jws_algorithms)}."
            ) from None

    def make_signer(self, salt: t.Any = None, algorithm: t.Any = None) -> Signer:
        """Return the signer, with the key as it is where no salt is given."""
        used = self.key_salt if salt is None else salt
        options: dict[str, t.Any] = {"sep": ".", "algorithm": algorithm or self.algorithm}
        options["key_derivation"] = "none" if used is None else None
        return self.signer(self.secret_keys, salt=used, **options)

    def make_header(self, header_fields: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        """Return the header, with the algorithm in it."""
        return {**(header_fields or {}), "alg": self.algorithm_name}

    def dump_payload(self, header: t.Any, obj: t.Any = None) -> bytes:  # type: ignore[override]
        """Return header and payload, still without the signature."""
        parts = (header, obj)
        return b".".join(base64_encode(want_bytes(self.serializer.dumps(part))) for part in parts)

    def load_payload(self, payload: bytes, serializer: t.Any = None, return_header: bool = False) -> t.Any:
        """Return the payload of the two parts, or payload and header."""
        first, dot, second = want_bytes(payload).partition(b".")
        if not dot:
            raise BadPayload("There is no '.' in the value.")
        header = self._load_part(first, self.serializer, BadHeader, "header")
        if not isinstance(header, dict):
            raise BadHeader("The header is no JSON object.", header=header)
        value = self._load_part(second, serializer or self.serializer, BadPayload, "payload")
        return (value, header) if return_header else value

    @staticmethod
    def _load_part(part: bytes, serializer: t.Any, error: t.Any, name: str) -> t.Any:
        try:
            data = base64_decode(part)
        except Exception as cause:
            raise error(f"The {name} is not base64.", original_error=cause) from cause
        try:
            return serializer.loads(data)
        except Exception as cause:
            raise error(f"The {name} is not JSON.", original_error=cause) from cause

    def dumps(self, obj: t.Any, salt: t.Any = None, header_fields: t.Any = None) -> bytes:
        """Return the signed value, as bytes."""
        signer = self.make_signer(salt, self.algorithm)
        return signer.sign(self.dump_payload(self.make_header(header_fields), obj))

    def loads(self, s: t.Any, salt: t.Any = None, return_header: bool = False, **_: t.Any) -> t.Any:
        """Return the value, or the value and its header; raise BadSignature or a subclass of it."""
        signed = self.make_signer(salt, self.algorithm).unsign(want_bytes(s))
        payload, header = self.load_payload(signed, return_header=True)
        if header.get("alg") != self.algorithm_name:
            raise BadHeader("The algorithm is another one.", header=header, payload=payload)
        return (payload, header) if return_header else payload

    def loads_unsafe(self, s: t.Any, salt: t.Any = None, **options: t.Any) -> tuple[bool, t.Any]:
        """Return whether the signature is right, and the value as far as it can be read."""
        try:
            return True, self.loads(s, salt, **options)
        except BadSignature as error:
            if error.payload is None:
                return False, None
            try:
                return False, self.load_payload(error.payload, **options)
            except BadPayload:
                return False, None


class TimedJSONWebSignatureSerializer(JSONWebSignatureSerializer):
    """A serializer whose values are good for so many seconds, an hour by default."""

    DEFAULT_EXPIRES_IN = 3600

    def __init__(self, secret_key: t.Any, expires_in: int | None = None, **kwargs: t.Any) -> None:
        super().__init__(secret_key, **kwargs)
        self.expires_in = self.DEFAULT_EXPIRES_IN if expires_in is None else expires_in

    def make_header(self, header_fields: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        """Return the header, with the times of issue and of expiry in it."""
        issued = self.now()
        return {**super().make_header(header_fields), "iat": issued, "exp": issued + self.expires_in}

    def loads(self, s: t.Any, salt: t.Any = None, return_header: bool = False, **_: t.Any) -> t.Any:
        """Return the value unless its time is over: then raise SignatureExpired."""
        payload, header = super().loads(s, salt, return_header=True)
        expires = header.get("exp")
        if expires is None:
            raise BadSignature("There is no date of expiry.", payload=payload)
        try:
            expires = int(expires)
        except (TypeError, ValueError):
            expires = -1
        if expires < 0:
            raise BadHeader("The date of expiry is no number.", header=header, payload=payload)
        if expires < self.now():
            raise SignatureExpired(
                "The signature has expired.", payload=payload, date_signed=self.get_issue_date(header)
            )
        return (payload, header) if return_header else payload

    def get_issue_date(self, header: t.Mapping[str, t.Any]) -> datetime | None:
        """Return when a value was signed, if its header says so."""
        issued = header.get("iat")
        return datetime.fromtimestamp(int(issued), timezone.utc) if isinstance(issued, (int, float)) else None

    def now(self) -> int:
        """Return the time in seconds."""
        return int(time.time())
