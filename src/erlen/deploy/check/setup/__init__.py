"""Checks of how an application is set up: `CHECKS`, and a module for each topic."""

from __future__ import annotations

from ..finding import Check

CHECKS: tuple[Check, ...] = ()
