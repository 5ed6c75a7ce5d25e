"""The Dockerfile: wheels in one stage, the image that is run in another."""

from __future__ import annotations

import typing as t
from importlib.metadata import version

from .. import quoting
from ..image import CODE, ENVIRONMENT, PORT, USER, start, url_path, words
from ..quoting import json_words, shell

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..site import Site
    from ..start_command import StartCommand

# Asks as a balancer does. What has no path for it is healthy if the answer is no error of the server.
_ASK = """\
import http.client, os, sys; \
c = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=4); \
c.request("GET", {path!r}, headers={headers!r}); \
sys.exit(c.getresponse().status {wrong})"""


def dockerfile(site: Site) -> str:
    """Return the text of the Dockerfile."""
    command = start(site)
    return "\n".join([*_build_stage(site, command), "", *_final_stage(site, command), ""])


def _build_stage(site: Site, command: StartCommand) -> Iterator[str]:
    project = site.project
    yield f"FROM python:{site.python}-slim AS build"
    yield "ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore"
    yield f"RUN python -m venv {ENVIRONMENT}"
    yield "WORKDIR /build"
    if project.has_requirements:
        yield "COPY requirements.txt ./" if project.requirements_stand_alone else "COPY . ./"
    elif project.has_dependencies:
        yield "COPY pyproject.toml ./"
        yield "# pip installs a project with its dependencies, and not these alone."
    yield "RUN " + " \\\n    && ".join(_installs(site, command))
    if project.is_package:
        yield "COPY . ./"
        yield f"RUN {ENVIRONMENT}/bin/pip install --no-deps ."


def _dependencies(python: str) -> str:
    # Python 3.10 has no tomllib, but its pip has the library that became it.
    library = "from pip._vendor import tomli as tomllib" if python == "3.10" else "import tomllib"
    return (
        f'{library}; project = tomllib.load(open("pyproject.toml", "rb"))["project"];'
        ' print(*project.get("dependencies", []), sep="\\n")'
    )


def _installs(site: Site, command: StartCommand) -> Iterator[str]:
    project = site.project
    # The project's own word on the version counts where there is one.
    limit = f"{'>=' if project.asks_for_erlen else '~='}{version('erlen')}"
    packages = [f"{'erlen[serve]' if site.server == 'erlen' else 'erlen'}{limit}"]
    packages += [command.package] if site.server != "erlen" else []
    packed = " ".join(map(shell, packages))
    pip, listed = f"{ENVIRONMENT}/bin/pip install", "--requirement requirements.txt"
    if project.has_requirements:
        # A file with hashes allows no other package beside it.
        separate = f" \\\n    && {pip}" if project.requirements_have_hashes else ""
        yield f"{pip} {listed}{separate} {packed}"
    elif project.has_dependencies:
        yield f"python -c {shell(_dependencies(site.python))} > requirements.txt"
        yield f"{pip} {listed} {packed}"
    else:
        yield f"{pip} {packed}"


def _final_stage(site: Site, command: StartCommand) -> Iterator[str]:
    yield f"FROM python:{site.python}-slim"
    yield f"RUN groupadd --gid {USER} app \\"
    yield f"    && useradd --uid {USER} --gid {USER} --no-create-home \\"
    yield "        --home-dir / --shell /usr/sbin/nologin app"
    yield "# Settings are variables of the container: '.env' and '.flaskenv' are not read."
    yield f'ENV PATH="{ENVIRONMENT}/bin:$PATH" PORT={PORT} PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \\'
    variables = {"FLASK_SKIP_DOTENV": "1", **command.environment}
    yield f"    {' '.join(f'{name}={value}' for name, value in variables.items())}"
    yield f"COPY --from=build {ENVIRONMENT} {ENVIRONMENT}"
    yield f"WORKDIR {CODE}"
    yield "COPY . ./"
    if site.project.instance is not None:
        yield "# The one folder that the application may write to."
        folder = quoting.dockerfile(f"{CODE}/{site.project.instance}")
        yield f"RUN install --directory --owner={USER} --group={USER} {folder}"
    yield f"USER {USER}:{USER}"
    yield f"EXPOSE {PORT}"
    yield f"STOPSIGNAL {command.stop_signal}"
    yield "HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \\"
    yield f"    CMD {json_words(['python', '-c', _ask(site)])}"
    yield f"CMD {json_words(words(site))}"


def _ask(site: Site) -> str:
    headers = {"Host": site.domains[0]} if site.domains else {}
    if site.health.ready is None:
        return _ASK.format(path=url_path(site, "/"), headers=headers, wrong=">= 500")
    return _ASK.format(path=url_path(site, site.health.ready), headers=headers, wrong="!= 200")
