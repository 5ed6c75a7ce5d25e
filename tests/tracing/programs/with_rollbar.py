"""As Rollbar's documentation has it."""

from __future__ import annotations

import os

import rollbar.contrib.flask

from shop import create_app

app = create_app()
rollbar.contrib.flask.init(
    app, "of-the-tests", environment="tests", endpoint=os.environ["ROLLBAR_ENDPOINT"], handler="blocking"
)
