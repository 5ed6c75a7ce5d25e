"""Blueprints as Flask 1.1 had them: dots in names, one blueprint twice under one name, JSON classes."""

from __future__ import annotations

import typing as t
import warnings

from ..app import Erlen
from ..declare.blueprint import Blueprint
from .attributes import OldAttribute, constant, read_quietly
from .notices import notice

if t.TYPE_CHECKING:
    from .changes import Changes

_own_register = Blueprint.register
_own_register_blueprint = Erlen.register_blueprint
_own_check_setup_finished = Blueprint._check_setup_finished
_own_check_name_is_free = Blueprint.check_name_is_free


def _check_name(self: Blueprint, name: str) -> None:
    """Take any name, also one with dots."""


def _check_name_is_free(self: Blueprint, app: t.Any, name: str, options: dict[str, t.Any]) -> None:
    """Let a blueprint be registered again under its name."""
    if app.blueprints.get(name) is not self:
        _own_check_name_is_free(self, app, name, options)


def _register(
    self: Blueprint, app: t.Any, options: dict[str, t.Any], first_registration: bool | None = None
) -> None:
    """Repeat on *app* what was recorded. The last argument says what the blueprint finds out itself."""
    if first_registration is not None:
        notice("flask.Blueprint.register(first_registration)")
    _own_register(self, app, options)


def _register_blueprint(self: Erlen, blueprint: Blueprint, **options: t.Any) -> None:
    """Register *blueprint*, which may override ``register`` without calling its parent's."""
    _own_register_blueprint(self, blueprint, **options)
    self.blueprints.setdefault(options.get("name", blueprint.name), blueprint)


def _check_setup_finished(self: Blueprint, f_name: str) -> None:
    """Take what is recorded after the registration: the next registration repeats it."""
    try:
        _own_check_setup_finished(self, f_name)
    except AssertionError as error:
        if read_quietly(self, "warn_on_modifications"):
            warnings.warn(str(error), stacklevel=3)


def add(changes: Changes, level: str) -> None:
    """Let blueprints be used as they were."""
    for name in ("json_encoder", "json_decoder"):
        changes.set(Blueprint, name, OldAttribute(f"flask.Blueprint.{name}", lambda _: None, on_class=None))
    if level == "1.1":
        changes.set(Blueprint, "check_name", _check_name)
        changes.set(Blueprint, "check_name_is_free", _check_name_is_free)
        changes.set(Blueprint, "register", _register)
        changes.set(Erlen, "register_blueprint", _register_blueprint)
        changes.set(Blueprint, "_check_setup_finished", _check_setup_finished)
        changes.set(
            Blueprint, "warn_on_modifications", constant("flask.Blueprint.warn_on_modifications", False)
        )
