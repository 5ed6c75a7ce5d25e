"""Settings of gunicorn that its command line has no options for.

The names are gunicorn's. One that an older gunicorn does not know is passed over by it.
"""

from __future__ import annotations

# SECURITY: gunicorn believes headers about the scheme and the path from loopback, and from everybody over a
# Unix socket. Whom to believe is Erlen's to decide (TRUSTED_PROXIES).
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# A socket in the home folder, by which programs could give commands to it.
control_socket_disable = True
