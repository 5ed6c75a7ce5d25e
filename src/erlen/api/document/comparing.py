"""What changed between two documents: breaking changes first.

A change is breaking where a client that fits the old document may not fit the new one: something is gone,
more is asked for, or an answer has less.
"""

from __future__ import annotations

import typing as t

_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))

Document: t.TypeAlias = "dict[str, t.Any]"


class Change(t.NamedTuple):
    """One change, and whether it breaks clients."""

    is_breaking: bool
    where: str
    what: str

    def __str__(self) -> str:
        return f"{'breaking' if self.is_breaking else 'other'}: {self.where}: {self.what}"


def changes(old: Document, new: Document) -> list[Change]:
    """Return what changed from one document to another, breaking changes first."""
    found = list(_Comparison(old, new).changes())
    return sorted(
        dict.fromkeys(found), key=lambda change: (not change.is_breaking, change.where, change.what)
    )


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = old, new

    def changes(self) -> t.Iterator[Change]:
        before, after = _operations(self._old), _operations(self._new)
        for where in before.keys() - after.keys():
            yield Change(True, where, "it is gone")
        for where in after.keys() - before.keys():
            yield Change(False, where, "it is new")
        for where in before.keys() & after.keys():
            yield from self._operation(where, before[where], after[where])

    def _operation(self, where: str, old: Document, new: Document) -> t.Iterator[Change]:
        if old.get("operationId") != new.get("operationId"):
            yield Change(
                True, where, f"its operationId is {new.get('operationId')!r}, was {old.get('operationId')!r}"
            )
        if new.get("deprecated") and not old.get("deprecated"):
            yield Change(False, where, "it is deprecated")
        if new.get("security") and not old.get("security"):
            yield Change(True, where, "it needs credentials")
        yield from self._parameters(where, old, new)
        yield from self._body(where, old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(where, old["responses"], new["responses"])

    def _parameters(self, where: str, old: Document, new: Document) -> t.Iterator[Change]:
        before, after = (
            {(each["in"], each["name"]): each for each in operation.get("parameters", ())}
            for operation in (old, new)
        )
        for key in before.keys() - after.keys():
            yield Change(True, where, f"the {key[0]} parameter {key[1]!r} is gone")
        for key in after.keys() - before.keys():
            required = bool(after[key].get("required"))
            yield Change(
                required, where, f"the {key[0]} parameter {key[1]!r} is new{' and required' * required}"
            )
        for key in before.keys() & after.keys():
            name = f"the {key[0]} parameter {key[1]!r}"
            if after[key].get("required") and not before[key].get("required"):
                yield Change(True, where, f"{name} is required now")
            yield from self._received(where, name, before[key]["schema"], after[key]["schema"])

    def _body(self, where: str, old: Document | None, new: Document | None) -> t.Iterator[Change]:
        if old is None or new is None:
            if old is not new:
                required = bool(new and new.get("required"))
                text = "the body is gone" if new is None else f"a body is new{' and required' * required}"
                yield Change(new is None or required, where, text)
            return
        if new.get("required") and not old.get("required"):
            yield Change(True, where, "the body is required now")
        for kind in old["content"].keys() - new["content"].keys():
            yield Change(True, where, f"the body may not be {kind} any more")
        for kind in old["content"].keys() & new["content"].keys():
            schemas = (_schema_of(each["content"][kind]) for each in (old, new))
            yield from self._received(where, "the body", *schemas)

    def _answers(self, where: str, old: Document, new: Document) -> t.Iterator[Change]:
        for status in new.keys() - old.keys():
            yield Change(False, where, f"the answer {status} is new")
        for status in old.keys() - new.keys():
            yield Change(status.startswith("2"), where, f"the answer {status} is gone")
        for status in old.keys() & new.keys():
            before, after = old[status].get("content", {}), new[status].get("content", {})
            for kind in before.keys() - after.keys():
                yield Change(True, where, f"the answer {status} is not {kind} any more")
            for kind in before.keys() & after.keys():
                schemas = (_schema_of(each[kind]) for each in (before, after))
                yield from self._sent(where, f"the answer {status}", *schemas)

    # schemas

    def _received(self, where: str, name: str, old: t.Any, new: t.Any) -> t.Iterator[Change]:
        yield from self._schema(where, name, (old, new), is_sent=False, seen=frozenset())

    def _sent(self, where: str, name: str, old: t.Any, new: t.Any) -> t.Iterator[Change]:
        yield from self._schema(where, name, (old, new), is_sent=True, seen=frozenset())

    def _schema(
        self, where: str, name: str, schemas: tuple[t.Any, t.Any], *, is_sent: bool, seen: frozenset[t.Any]
    ) -> t.Iterator[Change]:
        schemas = _as_object(schemas[0]), _as_object(schemas[1])
        references = schemas[0].get("$ref"), schemas[1].get("$ref")
        if references in seen and references != (None, None):
            return
        seen |= {references}
        old, new = _resolved(schemas[0], self._old), _resolved(schemas[1], self._new)
        if _kinds(old) != _kinds(new):
            breaking = not _holds(old, new) if is_sent else not _holds(new, old)
            yield Change(breaking, where, f"{name} is {_listed(_kinds(new))}, was {_listed(_kinds(old))}")
            return
        yield from _limits(where, name, old, new, is_sent=is_sent)
        yield from _choices(where, name, old, new, is_sent=is_sent)
        yield from self._properties(where, name, (old, new), is_sent=is_sent, seen=seen)
        if "items" in old and "items" in new:
            pair = old["items"], new["items"]
            yield from self._schema(where, f"{name}, each item", pair, is_sent=is_sent, seen=seen)
        if len(old.get("anyOf", ())) == len(new.get("anyOf", ())):
            for pair in zip(old.get("anyOf", ()), new.get("anyOf", ()), strict=True):
                yield from self._schema(where, name, pair, is_sent=is_sent, seen=seen)

    def _properties(
        self, where: str, name: str, schemas: tuple[t.Any, t.Any], *, is_sent: bool, seen: frozenset[t.Any]
    ) -> t.Iterator[Change]:
        old, new = schemas
        before, after = old.get("properties", {}), new.get("properties", {})
        for key in before.keys() - after.keys():
            yield Change(is_sent, where, f"{name} has no {key!r} any more")
        required = set(new.get("required", ())) - set(old.get("required", ()))
        for key in after.keys() - before.keys():
            is_required = key in required and not is_sent
            yield Change(is_required, where, f"{name} has a new {key!r}{', which is required' * is_required}")
        for key in before.keys() & after.keys():
            if key in required and not is_sent:
                yield Change(True, where, f"{name} needs {key!r} now")
            if is_sent and key in old.get("required", ()) and key not in new.get("required", ()):
                yield Change(True, where, f"{name} may be without {key!r} now")
            pair = before[key], after[key]
            yield from self._schema(where, f"{name}, {key!r}", pair, is_sent=is_sent, seen=seen)


def _operations(document: Document) -> dict[str, Document]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document.get("paths", {}).items()
        for method, operation in item.items()
        if method in _METHODS
    }


def _schema_of(media: Document) -> t.Any:
    """Return the schema of a media type; that of a page has none."""
    return media.get("schema", {})


def _resolved(schema: t.Any, document: Document) -> t.Any:
    """Follow references; a circle, or one that leads nowhere, ends as an empty schema."""
    for _ in range(20):
        if not isinstance(schema, dict):
            return {}
        reference = schema.get("$ref")
        if reference is None:
            return schema
        name = str(reference).rpartition("/")[2]
        schema = document.get("components", {}).get("schemas", {}).get(name, {})
    return {}


def _as_object(schema: t.Any) -> t.Any:
    """Return a schema as an object: `true` is `{}`, and `false`, as behind a tuple, is `{"not": {}}`."""
    return schema if isinstance(schema, dict) else {} if schema else {"not": {}}


def _kinds(schema: t.Any) -> frozenset[str]:
    kinds = schema.get("type", ())
    named = [kinds] if isinstance(kinds, str) else list(kinds)
    if "anyOf" in schema:
        named += [
            str(option.get("type", option.get("$ref", "?"))).rpartition("/")[2] for option in schema["anyOf"]
        ]
    return frozenset(named)


def _holds(wide: t.Any, narrow: t.Any) -> bool:
    """Tell whether a schema allows every kind of value that another one allows; none named are all."""
    return not _kinds(wide) or (bool(_kinds(narrow)) and _kinds(narrow) <= _kinds(wide))


def _listed(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds)) or "anything"


_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")


def _limits(where: str, name: str, old: t.Any, new: t.Any, *, is_sent: bool) -> t.Iterator[Change]:
    for key in (*_UPPER, *_LOWER, "pattern", "format", "multipleOf"):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if after is None:
            narrower = False
        elif before is None or key not in (*_UPPER, *_LOWER):
            narrower = True
        else:
            narrower = after < before if key in _UPPER else after > before
        yield Change(narrower != is_sent, where, f"{name} has {key} {after!r}, had {before!r}")


def _choices(where: str, name: str, old: t.Any, new: t.Any, *, is_sent: bool) -> t.Iterator[Change]:
    before, after = old.get("enum"), new.get("enum")
    if before is None or after is None:
        if before != after:
            yield Change(
                (after is not None) != is_sent, where, f"{name} is one of {after}, was {before or 'open'}"
            )
        return
    for value in before:
        if value not in after:
            yield Change(not is_sent, where, f"{name} is {value!r} no more")
    for value in after:
        if value not in before:
            yield Change(is_sent, where, f"{name} may be {value!r} now")
