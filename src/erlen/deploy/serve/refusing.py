"""How a listening socket takes nobody more, without dropping anybody whom it has taken.

Closing a listening socket resets the connections that wait in its queue. So new handshakes are left
unanswered first: their clients ask again, and then meet the next server, or hear that nobody listens.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import select
import socket
import struct
import sys
import time

# Linux: asm-generic/socket.h. The socket module has no name for it.
_SO_ATTACH_FILTER = 26

# A program of the classic BPF (Linux: networking/filter.rst), for which a packet begins with the TCP header.
# Each instruction: what to do, where to go if true, if false (counted from the next one), an operand.
_LOAD_BYTE, _AND, _IF_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_FLAGS, _SYN, _ACK = 13, 0x02, 0x10
_DROP, _KEEP = 0, 0xFFFFFFFF
_DROP_NEW_HANDSHAKES = (
    (_LOAD_BYTE, 0, 0, _FLAGS),
    (_AND, 0, 0, _SYN | _ACK),
    (_IF_EQUAL, 0, 1, _SYN),
    (_RETURN, 0, 0, _DROP),
    (_RETURN, 0, 0, _KEEP),
)

# Looks that find nobody, until the queue is taken to be empty for good.
_LOOKS = 5
_BETWEEN_LOOKS = 0.05
# A handshake ends within a round trip. Where the queue was full, its last packet was dropped, and the client
# sends it again when it is asked again: after 1 s and after 3 s (Linux: TCP_TIMEOUT_INIT). Then it is given
# up.
_HANDSHAKE = 3.5
_SYN_RECV = "03"


def leave_handshakes_unanswered(listener: socket.socket) -> bool:
    """Drop packets that would begin a connection; return whether that is possible here.

    The filter belongs to the socket, not to the process: it counts in all processes that have the socket
    open. Handshakes under way and connections are not affected.
    """
    if sys.platform != "linux":
        return False
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in _DROP_NEW_HANDSHAKES)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(_DROP_NEW_HANDSHAKES), ctypes.addressof(buffer))
    try:
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    except OSError:
        # A sandbox that knows no filters, or one that was locked before.
        return False
    return True


async def queue_is_empty(listener: socket.socket, seconds: float) -> bool:
    """Wait until nobody waits in the queue or is about to get there; return False after *seconds*.

    Nobody new may get there, or this never ends before.
    """
    start = time.monotonic()
    empty = 0
    while empty < _LOOKS:
        await asyncio.sleep(_BETWEEN_LOOKS)
        passed = time.monotonic() - start
        if _is_waiting(listener) or (passed < _HANDSHAKE and _is_coming(listener)):
            empty = 0
            if passed >= seconds:
                return False
        else:
            empty += 1
    return True


def _is_waiting(listener: socket.socket) -> bool:
    """Tell whether somebody waits to be accepted."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    return any(happened & select.POLLIN for _, happened in poll.poll(0))


def _is_coming(listener: socket.socket) -> bool:
    """Tell whether somebody has been answered and not yet got into the queue."""
    if listener.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    port = f":{listener.getsockname()[1]:04X}"
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError), open(f"/proc/self/net/{name}", encoding="ascii") as table:
            for line in table:
                # proc(5): number, local address, remote address, state
                _, local, _, state, *_ = line.split(maxsplit=4)
                if state == _SYN_RECV and local.endswith(port):
                    return True
    return False
