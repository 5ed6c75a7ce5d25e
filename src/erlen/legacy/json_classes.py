"""JSON by encoder and decoder classes and by configuration keys, as it was before ``app.json``."""

from __future__ import annotations

import json as python_json
import typing as t

from .. import app as application
from .. import json
from ..active import active_app, get_state
from ..json.provider import COMPACT, DefaultJSONProvider, _default
from .attributes import OldAttribute, read_quietly
from .configuration import JSON_KEYS
from .notices import notice
from .switch import current_level

if t.TYPE_CHECKING:
    from .changes import Changes


class JSONEncoder(python_json.JSONEncoder):
    """An encoder for more types than Python's: dates, UUIDs, dataclasses, objects with ``__html__``."""

    def default(self, o: t.Any) -> t.Any:
        """Return a replacement for a value that JSON does not know; subclasses add types here."""
        return _default(o)


class JSONDecoder(python_json.JSONDecoder):
    """Python's decoder."""


class ClassesProvider(DefaultJSONProvider):
    """A provider that asks the application and the blueprint for their classes, and for the old keys."""

    def _class_of(self, name: str) -> t.Any:
        """Return the encoder or decoder class that was set; None where it is Flask's."""
        app = self._app
        for holder, owner in ((_current_blueprint(app), "Blueprint"), (app, "Flask")):
            chosen = None if holder is None else read_quietly(holder, name)
            if chosen is not None and chosen not in (JSONEncoder, JSONDecoder):
                notice(f"flask.{owner}.{name}")
                return chosen
        return None

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Return *obj* as JSON text; keyword arguments are those of ``json.dumps``."""
        encoder = kwargs.get("cls") or self._class_of("json_encoder")
        # Key by key: what was set on the provider itself counts where the key is not there.
        for argument, key in (("ensure_ascii", "JSON_AS_ASCII"), ("sort_keys", "JSON_SORT_KEYS")):
            if argument not in kwargs and (value := self._key(key)) is not None:
                kwargs[argument] = value
        if encoder is None:
            return super().dumps(obj, **kwargs)
        kwargs = {"ensure_ascii": self.ensure_ascii, "sort_keys": self.sort_keys, **kwargs, "cls": encoder}
        if getattr(encoder, "default", None) is python_json.JSONEncoder.default:
            kwargs.setdefault("default", self.default)
        return python_json.dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Parse JSON text or bytes; keyword arguments are those of ``json.loads``."""
        decoder = kwargs.get("cls") or self._class_of("json_decoder")
        return (
            super().loads(s, **kwargs) if decoder is None else super().loads(s, **{**kwargs, "cls": decoder})
        )

    def response(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """Make a response of values or keyword arguments, with the type that JSONIFY_MIMETYPE names."""
        text = self._response_text(self._prepare_response_obj(args, kwargs))
        mimetype = self._key("JSONIFY_MIMETYPE") or self.mimetype
        return self._app.response_class(text, mimetype=mimetype)

    def is_compact(self) -> bool:
        pretty = self._key("JSONIFY_PRETTYPRINT_REGULAR")
        return super().is_compact() if pretty is None else not pretty

    # The keys as they are unless somebody sets them; in Flask 2.2 they were None.
    standard: t.Mapping[str, t.Any] = {}

    def _key(self, key: str) -> t.Any:
        """Return a configuration key; None where nobody has set it."""
        config: t.Any = getattr(self._app, "config", {})
        value = config.get(key)
        if value is None or value == self.standard.get(key):
            return None
        notice(f"flask.Flask.config[{key}]")
        return value


class ClassesProviderOf11(ClassesProvider):
    """The provider for Flask 1.1, which wrote responses a little differently."""

    standard = JSON_KEYS

    def _prepare_response_obj(self, args: tuple[t.Any, ...], kwargs: dict[str, t.Any]) -> t.Any:
        return super()._prepare_response_obj(args, kwargs) if args else kwargs

    def _response_text(self, obj: t.Any) -> str:
        if self.is_compact():
            return self.dumps(obj, separators=COMPACT) + "\n"
        return self.dumps(obj, indent=2, separators=(", ", ": ")) + "\n"


def _current_blueprint(app: t.Any) -> t.Any:
    """Return the blueprint of the active request of *app*; None where there is none."""
    context = get_state()[0]
    if context is None or not app.blueprints:
        return None
    return app.blueprints.get(context.request.blueprint)


# the functions of flask.json, which took an application and an encoding


def dumps(obj: t.Any, app: t.Any = None, **kwargs: t.Any) -> t.Any:
    """Return *obj* as JSON text, as *app* or the active application writes it; as bytes with *encoding*."""
    encoding = kwargs.pop("encoding", None)
    provider = _provider(app, "dumps")
    if provider is None:
        # Flask 2.2 left the order as it is, outside of an application.
        kwargs.setdefault("sort_keys", (current_level() or "").startswith("1.1"))
        text = python_json.dumps(obj, **{"cls": JSONEncoder, **kwargs})
    else:
        text = provider.dumps(obj, **kwargs)
    return text if encoding is None else text.encode(encoding)


def dump(obj: t.Any, fp: t.Any, app: t.Any = None, **kwargs: t.Any) -> None:
    """Write *obj* as JSON to a file; to a binary one with *encoding*."""
    encoding = kwargs.pop("encoding", None)
    text = dumps(obj, app, **kwargs)
    try:
        fp.write(text)
    except TypeError:
        if encoding is None:
            raise
        fp.write(text.encode(encoding))


def loads(s: str | bytes, app: t.Any = None, **kwargs: t.Any) -> t.Any:
    """Parse JSON text or bytes, as *app* or the active application reads it."""
    encoding = kwargs.pop("encoding", None)
    if isinstance(s, bytes) and encoding is not None:
        s = s.decode(encoding)
    provider = _provider(app, "loads")
    return (python_json if provider is None else provider).loads(s, **kwargs)


def load(fp: t.IO[t.Any], app: t.Any = None, **kwargs: t.Any) -> t.Any:
    """Parse the JSON in a file."""
    return loads(fp.read(), app, **kwargs)


def _provider(app: t.Any, function: str) -> t.Any:
    if app is not None:
        notice(f"flask.json.{function}(app)")
    else:
        app = active_app()
    return None if app is None else app.json


def add(changes: Changes, level: str) -> None:
    """Let applications have encoder and decoder classes, and ``flask.json`` its arguments."""
    flask = application.Erlen
    provider = ClassesProviderOf11 if level == "1.1" else ClassesProvider
    changes.set(flask, "json_provider_class", provider)
    for name, standard in (("json_encoder", JSONEncoder), ("json_decoder", JSONDecoder)):
        changes.set(flask, name, _class_attribute(f"flask.Flask.{name}", standard))
    for function in (dumps, dump, loads, load):
        changes.set(json, function.__name__, function)


def _class_attribute(name: str, standard: type) -> OldAttribute:
    return OldAttribute(name, lambda _: standard, on_class=standard)
