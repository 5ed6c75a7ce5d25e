"""compose.yaml: the container with its limits, its folders and its healthcheck."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ..image import CODE, LONGEST_STOP, PORT, erlen
from ..start_command import WORKERS
from ..yaml_text import Comment, Value, yaml_text

if t.TYPE_CHECKING:
    from ..site import Site


def compose(site: Site) -> str:
    """Return the text of compose.yaml."""
    services: dict[str, Value] = {"web": _web(site)}
    if site.has_migrations:
        services["migrate"] = {
            **_container(site),
            Comment("Started by hand, before a new version is."): "",
            "profiles": ["by-hand"],
            "command": list(erlen(site, "db", "upgrade")),
            "healthcheck": {"disable": True},
        }
    document: dict[str, Value] = {"services": services}
    if volumes := _volumes(site):
        document["volumes"] = {name: {} for name in volumes}
    # Compose reads `$name` in all values as a variable.
    return yaml_text(_doubled(document))


def _web(site: Site) -> dict[str, Value]:
    return {
        **_container(site),
        Comment("A front on this machine passes requests on; without '127.0.0.1:' everybody gets here."): "",
        "ports": [f"127.0.0.1:{PORT}:{PORT}"],
        Comment("Longer than requests may take to finish."): "",
        "stop_grace_period": f"{LONGEST_STOP}s",
        "restart": "unless-stopped",
    }


def _container(site: Site) -> dict[str, Value]:
    """Return what all containers of the image have in common."""
    common: dict[str, Value] = {
        "build": ".",
        "image": site.name,
        "env_file": [".env"],
        "environment": {"WEB_CONCURRENCY": str(site.workers or WORKERS)},
        "read_only": True,
        "tmpfs": ["/tmp"],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    }
    if volumes := _volumes(site):
        common["volumes"] = [
            {"type": "volume", "source": name, "target": target} for name, target in volumes.items()
        ]
    return common


def _volumes(site: Site) -> dict[str, str]:
    """Return the volumes by their names, and where each is in the container."""
    return {} if site.project.instance is None else {"instance": f"{CODE}/{site.project.instance}"}


def _doubled(data: Mapping[str, Value]) -> dict[str, Value]:
    return {key: _doubled_value(value) for key, value in data.items()}


def _doubled_value(value: Value) -> Value:
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return _doubled(value)
    if isinstance(value, Sequence):
        return [_doubled_value(item) for item in value]
    return value
