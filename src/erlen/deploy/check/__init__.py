"""`erlen check`: mistakes in how an application is set up, and risks before it is deployed.

=============  =================================================================================
`finding`      `Kind`, `Finding`: what can be wrong, and where it is
`examined`     `Examined`: the application, its files and its settings, as checks read them
`repository`   what git has of the project
`setup`        checks of any application: rules, views, templates, links, handlers, hooks
`risks`        checks before an application is deployed (`erlen check --deploy`)
=============  =================================================================================

A check is a function that takes an `Examined` and yields findings. Other distributions add theirs by entry
points of the group `erlen.checks`.
"""

from __future__ import annotations

from .examined import Examined
from .finding import Finding, Kind, Level, Place

__all__ = ["Examined", "Finding", "Kind", "Level", "Place"]
