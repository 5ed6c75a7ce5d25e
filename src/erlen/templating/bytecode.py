"""Loading from caches of compiled templates, where Erlen's generator has names of its own."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from jinja2 import BaseLoader, BytecodeCache, Environment, Template

# To be raised when generated code changes, or a function that it calls.
_GENERATION = 3


def load_by_own_name(
    loader: BaseLoader,
    environment: Environment,
    name: str,
    cache: BytecodeCache,
    globals: t.MutableMapping[str, t.Any],
) -> Template:
    """Load a template, or its code from the cache, where it has another name than Jinja gives it.

    A cache may be shared with an application that runs on Flask, or with an environment that must not
    use this code, such as a sandbox.
    """
    source, filename, is_current = loader.get_source(environment, name)
    bucket = cache.get_bucket(environment, f"{name}.erlen{_GENERATION}", filename, source)
    if bucket.code is None:
        bucket.code = environment.compile(source, name, filename)
        cache.set_bucket(bucket)
    return environment.template_class.from_code(environment, bucket.code, globals, is_current)
