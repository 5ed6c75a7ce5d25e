"""A Dockerfile, what stays out of the image, and a Compose file.

=============  =================================================================================
`dockerfile`   the Dockerfile: wheels in one stage, the image that is run in another
`ignored`      .dockerignore
`compose`      compose.yaml: the container with its limits, its folders and its healthcheck
=============  =================================================================================
"""

from __future__ import annotations

import typing as t

from ..files import File
from ..image import in_image, settings_files
from .compose import compose
from .dockerfile import dockerfile
from .ignored import ignored

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..site import Site


def files(site: Site) -> Iterator[File]:
    """Yield the files of this target."""
    where = "Goes into the folder of the project ('--out .' writes it there)."
    yield File("Dockerfile", dockerfile(site), (where, f"docker build --tag {site.name} ."))
    yield File(".dockerignore", ignored(site), (where,))
    yield from settings_files(in_image(site))
    steps = ["docker compose up --detach --wait"]
    if site.has_migrations:
        steps.insert(0, "docker compose run --rm migrate")
    needs = "It reads '.env', which stays out of the image: put SECRET_KEY and the like there."
    yield File("compose.yaml", compose(site), (where, needs, *steps))
