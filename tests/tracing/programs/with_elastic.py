"""As Elastic's documentation has it: the application is given to the agent, which reads its environment."""

from __future__ import annotations

from elasticapm.contrib.flask import ElasticAPM

from shop import create_app

app = create_app()
ElasticAPM(app)
