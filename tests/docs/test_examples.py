"""Every example and every command of the pages runs, in the order in which a reader meets it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.conftest import RedisServer

from .console import Reader
from .not_run import ONLY_NAMED, reason_not_to_run
from .pages import OTHERS, PROGRAMS, ROOT, Block, blocks_of, commands_in_the_text_of, pages

ALL = [*pages(), *OTHERS]
EXAMPLES = [page for page in ALL if ROOT / "examples" in page.parents]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def has_something_to_run(page: Path) -> bool:
    return any(block.is_run for block in blocks_of(page)) or bool(commands_in_the_text_of(page))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder with a short name, as sockets need, that other users may look into, as Apache does."""
    with tempfile.TemporaryDirectory(prefix="page-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def reader(folder: Path) -> Iterator[Reader]:
    reader = Reader(folder)
    yield reader
    reader.stop()


@pytest.fixture
def redis_runs(folder: Path, reader: Reader) -> Iterator[None]:
    """Do what the page on Celery takes for granted."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("This test needs redis-server: apt-get install redis-server")
    server = RedisServer(program, folder)
    server.start()
    reader.variables["REDIS_URL"] = f"{server.url}/0"
    yield
    server.stop()


@pytest.mark.servers
@pytest.mark.parametrize("page", [page for page in ALL if has_something_to_run(page)], ids=name_of)
def test_the_examples_and_commands_of(page: Path, reader: Reader, request: pytest.FixtureRequest) -> None:
    if page.parent.name == "celery-tasks":
        request.getfixturevalue("redis_runs")
    if page in EXAMPLES:
        copy_without_what_it_has_written(page.parent, reader.folder)
    for block in blocks_of(page):
        if block.is_run:
            follow(reader, block)
    prepare_for_the_running_text(page, reader)
    for command in commands_in_the_text_of(page):
        if command not in ONLY_NAMED:
            reader.type(command)


def follow(reader: Reader, block: Block) -> None:
    try:
        reader.follow(block)
    except AssertionError as error:
        raise AssertionError(f"{block.place}: {error}") from None


def copy_without_what_it_has_written(example: Path, folder: Path) -> None:
    written = shutil.ignore_patterns("instance", "__pycache__", ".pytest_cache", "*.db")
    shutil.copytree(example, folder, dirs_exist_ok=True, ignore=written)


def prepare_for_the_running_text(page: Path, reader: Reader) -> None:
    """Provide what sentences take for granted, and let `erlen …` find the page's first application."""
    reader.here.provide()
    if "cert.pem" in page.read_text():
        reader.here.make_certificate()
    first = next((block.title for block in blocks_of(page) if str(block.title).endswith(".py")), None)
    if first and page not in EXAMPLES:
        reader.variables.setdefault("FLASK_APP", first.removesuffix(".py"))


# nothing is left out in silence


def terminal_blocks() -> list[Block]:
    return [block for page in ALL for block in blocks_of(page) if block.language in ("console", "sh")]


def all_commands() -> set[str]:
    typed = {command for block in terminal_blocks() for command, _ in block.commands}
    return typed.union(*(commands_in_the_text_of(page) for page in ALL))


def test_a_block_of_commands_is_not_left_out_as_a_whole() -> None:
    """Each command that is not run is listed by itself."""
    assert [block.place for block in terminal_blocks() if not block.is_run] == []


def test_no_block_is_of_a_language_that_would_hide_its_commands() -> None:
    hiding = ("bash", "shell", "zsh", "shell-session", "")
    assert [b.place for page in ALL for b in blocks_of(page) if b.language in hiding and b.is_run] == []


def test_every_program_that_a_block_starts_is_looked_for_in_sentences() -> None:
    typed = [command for block in terminal_blocks() for command, _ in block.commands]
    begun = {re.sub(r"^([A-Z_]+=\S+ )+", "", command).split()[0] for command in typed}
    assert begun - set(PROGRAMS) - {"export", ".", "mkdir", "ln", "echo", "sed"} == set()


def test_what_is_listed_as_not_run_is_on_a_page() -> None:
    commands = all_commands()
    assert [name for name in ONLY_NAMED if name not in commands] == []


def test_what_is_not_run_is_the_smaller_part() -> None:
    """A pattern that is too wide would leave out commands that could be run."""
    left_out = [command for command in all_commands() if reason_not_to_run(command) or command in ONLY_NAMED]
    assert len(left_out) < len(all_commands()) / 2
