"""Packages for apt on a machine without a network: small ones that stand for the real ones."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

from tests.deploy.machine.nspawn import Machine

# It looks whether the challenge can be had by the site's name, as Let's Encrypt does.
CERTBOT = """\
#!/bin/sh
set -eu
names=
printf '%s\\n' "$@" >/root/certbot.words
while [ $# -gt 0 ]; do
    case $1 in
        --cert-name) name=$2 ;;
        --domain) names="$names $2" ;;
        --webroot-path) webroot=$2 ;;
    esac
    shift
done
mkdir -p "$webroot/.well-known/acme-challenge"
echo asked >"$webroot/.well-known/acme-challenge/token"
for each in $names; do
    curl -fsS -H "Host: $each" http://127.0.0.1/.well-known/acme-challenge/token | grep -qx asked
done
mkdir -p "/etc/letsencrypt/live/$name"
cd "/etc/letsencrypt/live/$name"
files="-keyout privkey.pem -out fullchain.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" $files 2>/dev/null
"""
PACKAGES = {"certbot": {"usr/bin/certbot": CERTBOT}, "unattended-upgrades": {}}


def offer_packages(machine: Machine) -> None:
    """Let apt know these packages alone."""
    with tempfile.TemporaryDirectory() as folder:
        entries = [_build(Path(folder), name, files) for name, files in PACKAGES.items()]
        machine.copy(Path(folder), "/srv/packages")
    # So that apt can read it, which gives up its rights.
    machine.run("chmod", "755", "/srv/packages")
    machine.write("/srv/packages/Packages", "\n".join(entries))
    machine.run("rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/*")
    machine.write("/etc/apt/sources.list", "deb [trusted=yes] file:/srv/packages ./\n")


def _build(folder: Path, name: str, files: dict[str, str]) -> str:
    """Build a package and return its entry in the list."""
    tree = folder / name
    control = (
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: Tests <tests@shop.example>\n"
        "Description: stands for the real one\n"
    )
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(control)
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True)
        (tree / path).write_text(text)
        (tree / path).chmod(0o755)
    package = folder / f"{name}.deb"
    words = ["dpkg-deb", "--build", "--root-owner-group", tree, package]
    subprocess.run(words, check=True, capture_output=True)
    content = package.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return f"{control}Filename: ./{package.name}\nSize: {len(content)}\nSHA256: {digest}\n"
