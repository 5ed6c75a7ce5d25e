"""Caches of compiled templates, with keys of their own for what Erlen's generator makes."""

from __future__ import annotations

import typing as t

from jinja2 import BytecodeCache

if t.TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.bccache import Bucket

# To be raised when generated code changes, or a function that it calls.
_GENERATION = 2


class KeyedCache(BytecodeCache):
    """A view of a cache in which the templates have other names.

    A cache may be shared with an application that runs on Flask, or with an environment that must not
    use this code, such as a sandbox.
    """

    def __init__(self, original: BytecodeCache) -> None:
        self.original = original

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self.original, name)

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Return the bucket of the original for this template's other name."""
        return self.original.get_bucket(environment, f"{name}.erlen{_GENERATION}", filename, source)

    def set_bucket(self, bucket: Bucket) -> None:
        self.original.set_bucket(bucket)

    def load_bytecode(self, bucket: Bucket) -> None:
        self.original.load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.original.dump_bytecode(bucket)

    def clear(self) -> None:
        self.original.clear()
