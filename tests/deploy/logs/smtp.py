"""A real SMTP server for tests, on loopback, which keeps what it takes."""

from __future__ import annotations

import asyncio
import datetime
import email
import email.policy
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Seconds after which a test has failed.
GUARD = 30


class Inbox:
    """What a server has taken: envelopes, and the mails in them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self._changed = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        with self._changed:
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.recipients.append(envelope.rcpt_tos)
            self._changed.notify_all()
        return "250 OK"

    def wait_for(self, number: int) -> list[EmailMessage]:
        """Wait until so many mails have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.mails) >= number, GUARD), len(self.mails)
            return list(self.mails)

    @property
    def subjects(self) -> list[str]:
        return [mail["Subject"] for mail in self.mails]

    @property
    def texts(self) -> list[str]:
        return [mail.get_content().replace("\r\n", "\n") for mail in self.mails]


class _Server(SMTP):
    """A server that counts its connections."""

    open = 0

    def connection_made(self, transport: Any) -> None:
        # It is told a second time when TLS has begun.
        _Server.open += self.transport is None
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        _Server.open -= 1
        super().connection_lost(error)


class _Controller(Controller):
    """A server on a free port: the base class would connect to the port that it was asked for."""

    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)

    @property
    def taken_port(self) -> int:
        port: int = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        return port

    def _trigger_server(self) -> None:
        # A connection is what makes it ready.
        socket.create_connection(("127.0.0.1", self.taken_port), GUARD).close()

    def stop(self, no_assert: bool = False) -> None:
        """Stop when the clients have gone, so that nothing of theirs is left open."""
        asyncio.run_coroutine_threadsafe(_all_gone(), self.loop).result(GUARD)
        super().stop(no_assert)


async def _all_gone() -> None:
    while _Server.open > 0:  # noqa: ASYNC110  # the server is not ours, and has no event
        await asyncio.sleep(0.001)
    for _ in range(5):
        await asyncio.sleep(0)


@contextmanager
def smtp_server(
    context: ssl.SSLContext | None = None,
    *,
    at_once: bool = False,
    login: Callable[[str, str], bool] | None = None,
) -> Iterator[tuple[int, Inbox]]:
    """Run a server; *context*: for STARTTLS, or TLS *at_once*; *login* tells who may send."""
    inbox = Inbox()
    given: dict[str, Any] = {}
    if login is not None:

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            assert isinstance(data, LoginPassword)
            return AuthResult(success=login(data.login.decode(), data.password.decode()), handled=False)

        given.update(
            authenticator=authenticate, auth_required=True, auth_require_tls=not (at_once or context is None)
        )
    if context is not None and not at_once:
        given.update(tls_context=context, require_starttls=True)
    at_once_context = context if at_once else None
    controller = _Controller(inbox, hostname="127.0.0.1", port=0, ssl_context=at_once_context, **given)
    controller.start()
    try:
        yield controller.taken_port, inbox
    finally:
        controller.stop()


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return the file of a certificate for 127.0.0.1, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return path, context
