"""As Scout's documentation has it."""

from __future__ import annotations

from scout_apm.flask import ScoutApm

from shop import create_app

app = create_app()
ScoutApm(app)
