"""As Sentry's documentation has it: Flask is found by what is installed, and not named."""

from __future__ import annotations

import sentry_sdk

from shop import create_app

sentry_sdk.init(traces_sample_rate=1.0)

app = create_app()
