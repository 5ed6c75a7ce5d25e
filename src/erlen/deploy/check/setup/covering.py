"""Which rule takes the requests of another one."""

from __future__ import annotations

import typing as t
import uuid

from werkzeug.routing import AnyConverter, BaseConverter, Rule, UnicodeConverter, UUIDConverter

Key: t.TypeAlias = tuple[object, ...]


def key_of(rule: Rule) -> Key:
    """Return what two rules have in common that match the same URLs."""
    parts: list[object] = [rule.websocket, rule.subdomain, rule.host]
    for is_variable, text in rule._trace:
        converter = rule._converters.get(text) if is_variable else None
        parts.append((converter.regex, converter.weight) if converter is not None else text)
    return tuple(parts)


def is_hidden(rule: Rule, rules: t.Iterable[Rule]) -> bool:
    """Tell whether rules that were registered before take all requests of a rule."""
    key = key_of(rule)
    earlier: list[Rule] = []
    for each in rules:
        if each is rule:
            return take_all(earlier, rule)
        if not each.build_only and key_of(each) == key:
            earlier.append(each)
    return False


def take_all(earlier: t.Iterable[Rule], rule: Rule) -> bool:
    """Tell whether rules that match the same URLs have all methods of a rule."""
    taken: set[str] = set()
    for each in earlier:
        if each.methods is None:
            return True
        taken |= methods_of(each)
    return rule.methods is not None and methods_of(rule) <= taken


def takes_one(rule: Rule, methods: set[str]) -> bool:
    """Tell whether a rule has one of these methods; none of them stands for all."""
    return rule.methods is None or bool(methods_of(rule) & methods) or not methods


def methods_of(rule: Rule) -> set[str]:
    """Return the methods of a rule that somebody has given it; empty for a rule for all methods."""
    methods = set(rule.methods or ())
    # HEAD comes with GET, and OPTIONS is answered for all rules of a URL.
    return (methods - {"OPTIONS"} - ({"HEAD"} if "GET" in methods else set())) or methods


def covers(wide: Rule, narrow: Rule) -> bool:
    """Tell whether each URL of a rule is one of the other's, too: text in place of something narrower."""
    if len(wide._trace) != len(narrow._trace) or (wide.websocket, wide.host) != (
        narrow.websocket,
        narrow.host,
    ):
        return False
    for (is_variable, text), (also, other) in zip(wide._trace, narrow._trace, strict=True):
        if is_variable != also or (not is_variable and text != other):
            return False
        if is_variable and not _covers_part(wide._converters[text], narrow._converters[other]):
            return False
    return wide is not narrow


def _covers_part(wide: BaseConverter, narrow: BaseConverter) -> bool:
    if wide.regex == narrow.regex:
        return True
    return (
        type(wide) is UnicodeConverter
        and wide.regex == UnicodeConverter(wide.map).regex
        and narrow.part_isolating
    )


def sample_of(rule: Rule) -> str | None:
    """Return a path that a rule matches; None where all of it is text, or it has other converters."""
    path, narrow = "", False
    for is_variable, text in rule._trace[rule._trace.index((False, "|")) + 1 :]:
        if not is_variable:
            path += text
            continue
        converter = rule._converters[text]
        if type(converter) is UUIDConverter:
            path, narrow = path + str(uuid.UUID(int=1)), True
        elif type(converter) is AnyConverter:
            path, narrow = path + min(converter.items), True
        elif type(converter) is UnicodeConverter:
            path += "a"
        else:
            return None
    return path if narrow else None
