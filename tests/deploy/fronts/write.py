"""Writes files with `erlen deploy`, then prints how the server is started, as JSON.

It is a process of its own, in the folder of the application: `python write.py TARGET,TARGET OPTION…`.
"""

from __future__ import annotations

import json
import sys

import erlen.as_flask

erlen.as_flask.install()

import click  # noqa: E402

from erlen import cli  # noqa: E402
from erlen.cli import ScriptInfo  # noqa: E402
from erlen.deploy.targets import reading, start_command  # noqa: E402

targets, *options = sys.argv[1:]
seen = []
read_site = reading.read_site


def remembering(*args, **kwargs):
    seen.append(read_site(*args, **kwargs))
    return seen[-1]


reading.read_site = remembering
for target in targets.split(","):
    words = ["--app", "pages:app", "deploy", target, *options]
    cli.cli.main(words, standalone_mode=False, obj=ScriptInfo("pages:app"))
command = start_command.start_command(seen[-1])
click.echo(json.dumps({"words": command.words, "environment": command.environment}))
