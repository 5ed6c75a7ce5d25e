"""A certificate and its key are looked at before anything is started."""

from __future__ import annotations

import datetime
import logging
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from erlen.deploy.serve.errors import CERTIFICATE, USAGE, ServeError
from erlen.deploy.serve.tls import Certificate, check_certificate

PEM = serialization.Encoding.PEM
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def written_key(key: Key, form: str = "PKCS8", password: bytes | None = None) -> bytes:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password)
    return key.private_bytes(PEM, getattr(serialization.PrivateFormat, form), encryption)


def certificate_of(
    key: Key, begins: int = -1, ends: int = 30, issuer: tuple[str, Key] | None = None
) -> bytes:
    """Make a certificate that is valid from one day to another, counted from today."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    by, signing_key = issuer or ("localhost", key)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=begins))
        .not_valid_after(now + datetime.timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(signing_key, None if isinstance(signing_key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    )
    return made.public_bytes(PEM)


KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def refusal(certificate: str | None, key: str | None, status: int = CERTIFICATE) -> str:
    with pytest.raises(ServeError) as caught:
        check_certificate(certificate, key)
    assert caught.value.status == status
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("key", "form"),
    [
        (KEY, "PKCS8"),
        (KEY, "TraditionalOpenSSL"),
        (RSA_KEY, "PKCS8"),
        (RSA_KEY, "TraditionalOpenSSL"),
        (ed25519.Ed25519PrivateKey.generate(), "PKCS8"),
    ],
)
def test_a_certificate_with_its_key_is_accepted(
    key: Key, form: str, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = files.write("certificate.pem", certificate_of(key))
    key_file = files.write("key.pem", written_key(key, form))
    assert check_certificate(certificate, key_file) == Certificate(certificate, key_file)
    assert caplog.records == []


@pytest.mark.parametrize("key_comes_first", [False, True])
def test_the_key_may_be_in_the_file_of_the_certificate(key_comes_first: bool, files: Files) -> None:
    parts = [certificate_of(KEY), written_key(KEY)]
    both = files.write("both.pem", b"".join(reversed(parts) if key_comes_first else parts))
    assert check_certificate(both) == Certificate(both, both)


def test_a_chain_begins_with_the_certificate_of_the_server(files: Files) -> None:
    own, issuer = certificate_of(KEY, issuer=("us", OTHER_KEY)), certificate_of(OTHER_KEY)
    key = files.write("key.pem", written_key(KEY))
    check_certificate(files.write("chain.pem", own + issuer), key)
    assert "of a chain, the server's own certificate comes first" in refusal(
        files.write("wrong.pem", issuer + own), key
    )


def test_relative_paths_become_absolute(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = files.write("certificate.pem", certificate_of(KEY))
    key = files.write("key.pem", written_key(KEY))
    monkeypatch.chdir(files.folder)
    assert check_certificate("certificate.pem", "key.pem") == Certificate(certificate, key)


@pytest.mark.parametrize(("begins", "ends", "said"), [(-30, -1, "has expired"), (2, 30, "is not valid yet")])
def test_a_certificate_that_is_not_valid_now_is_a_warning(
    begins: int, ends: int, said: str, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    certificate = files.write("certificate.pem", certificate_of(KEY, begins, ends))
    check_certificate(certificate, files.write("key.pem", written_key(KEY)))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"The certificate in {certificate} {said}")


def test_an_expired_certificate_of_somebody_else_is_a_warning_too(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    chain = certificate_of(KEY, -30, -1, ("us", OTHER_KEY)) + certificate_of(OTHER_KEY)
    check_certificate(files.write("chain.pem", chain), files.write("key.pem", written_key(KEY)))
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_key_without_a_certificate_is_an_error(files: Files) -> None:
    assert "--cert" in refusal(None, files.write("key.pem", written_key(KEY)), USAGE)


def test_a_certificate_without_a_key_is_an_error(files: Files) -> None:
    assert "comes without its key: name the key's file with --key" in refusal(
        files.write("certificate.pem", certificate_of(KEY)), None
    )


def test_a_key_of_another_certificate_is_an_error(files: Files) -> None:
    certificate = files.write("certificate.pem", certificate_of(KEY))
    for other in (OTHER_KEY, RSA_KEY):
        said = refusal(certificate, files.write("key.pem", written_key(other)))
        assert "is not that of the certificate" in said


@pytest.mark.slow
@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
def test_an_encrypted_key_is_an_error_and_nobody_is_asked_for_a_password(form: str, files: Files) -> None:
    certificate = files.write("certificate.pem", certificate_of(KEY))
    key = files.write("key.pem", written_key(KEY, form, b"secret"))
    program = f"""
from erlen.deploy.serve.tls import check_certificate
from erlen.deploy.serve.errors import ServeError
try:
    check_certificate({certificate!r}, {key!r})
except ServeError as error:
    print(error.message)
"""
    # A password would be asked for at the terminal; nobody is there to answer.
    ran = subprocess.run(
        [sys.executable, "-c", program], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )
    assert ran.stdout.startswith(f"The key in {key} is encrypted: ")
    assert f"openssl pkey -in {key}" in ran.stdout
    assert ran.stderr == ""


@pytest.mark.parametrize("which", ["certificate", "key"])
@pytest.mark.parametrize(
    ("kind", "said"),
    [("missing", "does not exist"), ("folder", "is no file"), ("pipe", "is no file"), ("a\0b", "")],
)
def test_a_file_that_is_none_is_an_error(which: str, kind: str, said: str, files: Files) -> None:
    paths = {
        "certificate": files.write("certificate.pem", certificate_of(KEY)),
        "key": files.write("key.pem", written_key(KEY)),
    }
    (files.folder / "folder").mkdir()
    os.mkfifo(files.folder / "pipe")
    paths[which] = str(files.folder / kind)
    message = refusal(paths["certificate"], paths["key"])
    assert message.startswith(f"The {which} file ")
    assert said in message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user")
def test_a_key_that_may_not_be_read_is_an_error(files: Files) -> None:
    key = files.write("key.pem", written_key(KEY))
    os.chmod(key, 0o600)
    program = f"""
import os
from erlen.deploy.serve.tls import _read
from erlen.deploy.serve.errors import ServeError
descriptor = os.open({str(files.folder)!r}, os.O_RDONLY)
os.fchdir(descriptor)
os.setuid(65534)
try:
    _read("key.pem", "key")
except ServeError as error:
    print(error.message)
"""
    os.chmod(files.folder, 0o755)
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said.startswith("The key file key.pem may not be read by this user")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"precious",
        bytes(range(256)),
        b"-----BEGIN CERTIFICATE REQUEST-----\n",
    ],
)
def test_what_is_no_certificate_is_an_error(content: bytes, files: Files) -> None:
    said = refusal(files.write("other.pem", content), files.write("key.pem", written_key(KEY)))
    assert "has no certificate in PEM form" in said


def test_files_that_were_exchanged_are_an_error(files: Files) -> None:
    certificate = files.write("certificate.pem", certificate_of(KEY))
    key = files.write("key.pem", written_key(KEY))
    assert "has no certificate in PEM form" in refusal(key, certificate)


@pytest.mark.parametrize("content", [b"", b"precious", b"-----BEGIN PUBLIC KEY-----\n"])
def test_what_is_no_key_is_an_error(content: bytes, files: Files) -> None:
    certificate = files.write("certificate.pem", certificate_of(KEY))
    assert "has no key in PEM form" in refusal(certificate, files.write("key.pem", content))


@pytest.mark.parametrize("is_key", [False, True])
@pytest.mark.parametrize("cut", [40, 100, -30])
def test_a_file_that_was_cut_off_is_an_error(cut: int, is_key: bool, files: Files) -> None:
    certificate, key = certificate_of(KEY), written_key(KEY)
    certificate, key = (certificate, key[:cut]) if is_key else (certificate[:cut], key)
    said = refusal(files.write("certificate.pem", certificate), files.write("key.pem", key))
    assert "cannot be read" in said


def test_a_key_that_clients_find_too_weak_is_an_error(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a key has to be is a setting of OpenSSL."""

    class Strict(ssl.SSLContext):
        def load_cert_chain(self, *_: object, **__: object) -> None:
            error = ssl.SSLError(1, "ee key too small")
            error.reason = "EE_KEY_TOO_SMALL"
            raise error

    certificate = files.write("certificate.pem", certificate_of(KEY))
    key = files.write("key.pem", written_key(KEY))
    monkeypatch.setattr(ssl, "SSLContext", Strict)
    assert "too weak for clients of today (EE_KEY_TOO_SMALL)" in refusal(certificate, key)
