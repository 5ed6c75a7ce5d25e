"""The loopback addresses of this machine."""

from __future__ import annotations

import socket


def _has(address: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind((address, 0))
    except OSError:
        return False
    return True


HAS_IPV6 = _has("::1")
"""Whether there is IPv6; containers often have none."""
