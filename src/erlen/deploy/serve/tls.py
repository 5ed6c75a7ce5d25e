"""Whether a certificate and its key can be served with, before anything is started."""

from __future__ import annotations

import logging
import os
import re
import ssl
import typing as t
from dataclasses import dataclass
from pathlib import Path

from .errors import CERTIFICATE, USAGE, ServeError

logger = logging.getLogger("erlen.serve")

# X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL.
_NOT_NOW = {9: "is not valid yet", 10: "has expired"}


@dataclass(frozen=True)
class Certificate:
    """A certificate and a key that were found to belong together."""

    certificate: str
    key: str
    """The file with the key, which may be that of the certificate."""


def check_certificate(certificate: str | None, key: str | None = None) -> Certificate:
    """Return certificate and key as files that can be served with; log a warning if it is not valid now.

    The key may be in the file of the certificate, and then needs no file of its own. Raises ServeError.
    """
    if certificate is None:
        raise ServeError("--key needs a certificate: name its file with --cert.", USAGE)
    certificate = os.path.abspath(certificate)
    key_file = certificate if key is None else os.path.abspath(key)
    _check_certificate_text(certificate)
    _check_key_text(key_file, is_own_file=key is not None)
    context = _context(certificate, key_file)
    problem = _problem_of(context, certificate)
    if problem:
        logger.warning(
            "The certificate in %s %s: clients will refuse it until it is renewed.", certificate, problem
        )
    return Certificate(certificate, key_file)


def _read(path: str, what: str) -> str:
    try:
        # A pipe would be waited for.
        if Path(path).is_file():
            return Path(path).read_text(encoding="utf-8", errors="replace")
        reason = "is no file" if Path(path).exists() else "does not exist"
    except PermissionError:
        reason = "may not be read by this user"
    except (OSError, ValueError) as error:
        reason = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    raise ServeError(f"The {what} file {path} {reason}: name another, or mend that.", CERTIFICATE)


def _check_certificate_text(path: str) -> None:
    if "-----BEGIN CERTIFICATE-----" not in _read(path, "certificate"):
        raise ServeError(
            f"{path} has no certificate in PEM form (-----BEGIN CERTIFICATE-----): name the certificate's"
            " file with --cert; openssl x509 -inform der -in FILE writes PEM from the other form.",
            CERTIFICATE,
        )


def _check_key_text(path: str, *, is_own_file: bool) -> None:
    text = _read(path, "key")
    found = re.search(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----", text)
    if found is None and not is_own_file:
        raise ServeError(
            f"The certificate {path} comes without its key: name the key's file with --key.", CERTIFICATE
        )
    if found is None:
        raise ServeError(
            f"{path} has no key in PEM form (-----BEGIN PRIVATE KEY-----): name the key's file with --key.",
            CERTIFICATE,
        )
    # granian (2.8) cannot open what OpenSSL (3.0) encrypts, with the password either.
    if "ENCRYPTED" in found[0] or "Proc-Type: 4,ENCRYPTED" in text:
        raise ServeError(
            f"The key in {path} is encrypted: write it to another file with openssl pkey -in {path} -out NEW,"
            " which only the server's user may read, and name that with --key.",
            CERTIFICATE,
        )


def _context(certificate: str, key: str) -> ssl.SSLContext:
    """Load both as a server does. Raises ServeError if they do not go together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a function, OpenSSL asks for a password at the terminal.
        context.load_cert_chain(certificate, key, password=str)
    except (OSError, ValueError) as error:
        raise ServeError(_unusable(error, certificate, key), CERTIFICATE) from error
    return context


def _unusable(error: Exception, certificate: str, key: str) -> str:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    # The last is what OpenSSL says of keys of two kinds.
    if reason in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"):
        return (
            f"The key in {key} is not that of the certificate in {certificate}: name the two that belong"
            " together with --cert and --key; of a chain, the server's own certificate comes first."
        )
    if reason in ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"):
        return (
            f"The certificate in {certificate} is too weak for clients of today ({reason}): make a new one."
        )
    return f"The certificate in {certificate} and the key in {key} cannot be read ({reason}): make them anew."


def _problem_of(server: ssl.SSLContext, certificate: str) -> str:
    """Say what clients will find wrong with the time of a certificate, by a handshake in memory."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    # Whoever signed it: what is asked here is whether it is valid now.
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        client.load_verify_locations(certificate)
        _shake_hands(server, client)
    except ssl.SSLCertVerificationError as error:
        return _NOT_NOW.get(error.verify_code, "")
    except OSError:
        pass
    return ""


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides: list[t.Any] = [
        client.wrap_bio(back, there, server_side=False),
        server.wrap_bio(there, back, server_side=True),
    ]
    for _ in range(10):
        for side in list(sides):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            sides.remove(side)
