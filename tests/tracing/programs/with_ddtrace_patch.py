"""As Datadog's documentation has it, where the program cannot be started by `ddtrace-run`."""

from __future__ import annotations

from ddtrace import patch

patch(flask=True)

from shop import create_app  # noqa: E402

app = create_app()
