"""Reads Markdown pages: their code blocks and their links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# The pages for readers; what is for people who change Erlen has no examples.
READMES = [ROOT / name for name in ("README.md", "README.zh-CN.md")]
OTHERS = [
    ROOT / name
    for name in (
        *("CONTRIBUTING.md", "CHANGES.md", "SECURITY.md"),
        *(f"examples/{name}/README.md" for name in ("guestbook", "celery-tasks", "offline-scripts")),
    )
]

BLOCK = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=indent)(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)
NOT_RUN = re.compile(r"<!-- not run: .+? -->\n *\Z", re.DOTALL)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# The words with which a command begins that stands in the running text.
PROGRAMS = (
    *(
        "erlen",
        "flask",
        "python",
        "python3",
        "pip",
        "pytest",
        "make",
        ".ci/run",
        "pre-commit",
        "mypy",
        "ruff",
    ),
    *("gunicorn", "uwsgi", "uvicorn", "hypercorn", "granian", "waitress-serve", "celery", "nginx"),
    *("ddtrace-run", "newrelic-admin", "opentelemetry-instrument"),
    *("nohup", "pipenv", "uv", "virtualenv", "mkvirtualenv", "workon", "deactivate", "honcho"),
    *("sudo", "apt", "apt-get", "systemctl", "certbot", "docker", "kubectl", "podman"),
    *("curl", "redis-cli", "kill", "openssl"),
)
LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A code block: what it is, what is done with it, and where it is."""

    language: str
    text: str
    page: Path
    line: int
    title: str | None  # the file that it is
    append: str | None  # the file that it goes on with
    is_run: bool

    @property
    def commands(self) -> list[tuple[str, str | None]]:
        """The commands of a block for a terminal, each with what it is said to print, where that is shown."""
        if self.language == "sh":
            lines = [line.partition("  #")[0].strip() for line in self.text.replace("\\\n", "").splitlines()]
            return [(line, None) for line in lines if line and not line.startswith("#")]
        first, *rest = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        assert not first.strip(), f"A console block starts with a command: {self.text}"
        return [(command, printed) for command, _, printed in (each.partition("\n") for each in rest)]

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    return [*READMES, *sorted(DOCS.rglob("*.md"))]


def blocks_of(page: Path) -> list[Block]:
    source = page.read_text()
    return [block_from(match, source, page) for match in BLOCK.finditer(source)]


def block_from(match: re.Match[str], source: str, page: Path) -> Block:
    info = match["info"]
    attributes = dict(re.findall(r'(\w+)="([^"]*)"', info))
    return Block(
        language=info.split()[0] if info.split() else "",
        text=dedent(match["text"]) if match["indent"] else match["text"],
        page=page,
        line=source.count("\n", 0, match.start()) + 1,
        title=attributes.get("title"),
        append=attributes.get("append"),
        is_run=not NOT_RUN.search(source[: match.start()]),
    )


def commands_in_the_text_of(page: Path) -> list[str]:
    """Return the commands of more than one word that stand in a page's sentences and tables, each once."""
    text = BLOCK.sub("", page.read_text())
    codes = dict.fromkeys(match[2] for match in CODE.finditer(text))
    return [code for code in codes if _is_command(code)]


def _is_command(code: str) -> bool:
    words = [word for word in code.split() if not re.match(r"[A-Z_]+=", word)]
    return len(words) > 1 and words[0] in PROGRAMS


def links_of(page: Path) -> list[str]:
    """Return the targets of a page's links that lie in this repository."""
    text = BLOCK.sub("", page.read_text())
    return [target for target in LINK.findall(text) if not re.match(r"[a-z]+:|#", target)]


def headings_of(page: Path) -> set[str]:
    """Return the headings of a page, as links name them."""
    lines = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text()), re.MULTILINE)
    texts = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line) for line in lines]
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in texts}
