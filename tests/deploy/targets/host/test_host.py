"""The script that sets up a machine, as a text. `tests/deploy/machine/test_host.py` runs it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from erlen.deploy.targets import host, nginx, systemd
from erlen.deploy.targets.files import with_head
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import SERVERS, Folder, Impossible, Server
from tests.deploy.machine.nspawn import needs_program
from tests.deploy.targets.sites import site

TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
AWKWARD = "a 'b' \"c\" $HOME $(id >&2) `id`; {d} \\ \n# e"


def bash(script: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", *words], input=script.encode(), capture_output=True)


def functions_of(script: str) -> str:
    """Return a script without its last line, which begins."""
    assert script.endswith('\nmain "$@"\n')
    return script.removesuffix('main "$@"\n')


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("https", [True, False])
def test_shellcheck_has_nothing_to_say_against_it(server: Server, https: bool, tmp_path: Path) -> None:
    needs_program("shellcheck")
    path = tmp_path / "shop.sh"
    made = site(server=server, has_https=https, media=(Folder("/media/", "/srv/shop/shared/media"),))
    path.write_text(host.script(made))
    told = subprocess.run(["shellcheck", path], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "")


@given(
    name=TEXTS.map(lambda text: f"/srv/{text}/current"), media=st.lists(TEXTS, max_size=3), application=TEXTS
)
@example(f"/srv/{AWKWARD}/current", [AWKWARD, ""], AWKWARD)
@settings(deadline=None, max_examples=30)
def test_what_options_say_reaches_the_script_as_it_is(name: str, media: list[str], application: str) -> None:
    made = site(folder=name, media=tuple(Folder("/m/", path) for path in media), application=application)
    echo = 'printf "%s\\0" "$FOLDER" "$BASE" "$APPLICATION" "${MEDIA[@]}"\n'
    told = bash(f"set -eu\n{host.settings(made)}\n{echo}")
    assert told.stderr == b""
    expected = (name, name.removesuffix("/current"), application, *media)
    assert told.stdout.decode() == "".join(f"{each}\0" for each in expected)


@given(lines=st.lists(st.one_of(st.sampled_from(["END_OF_FILE", "END_OF_FILE_", "}", "'"]), TEXTS)))
@settings(deadline=None, max_examples=30)
def test_a_function_prints_the_text_of_its_file(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    told = bash(f"{host.printing('text_of_it', text)}\ntext_of_it\n")
    assert (told.stdout.decode(), told.stderr) == (text, b"")


@pytest.mark.parametrize("server", SERVERS)
def test_the_files_in_it_are_those_of_their_targets(server: Server) -> None:
    made = site(server=server)
    script = functions_of(host.script(made))

    def printed(name: str) -> str:
        return bash(f"{script}\ntext_of_{name}\n").stdout.decode()

    units = {file.path.rpartition(".")[2]: with_head(file, "systemd", made) for file in systemd.files(made)}
    assert {kind: printed(kind) for kind in units} == units
    fronts = {file.path.rpartition("/")[2]: with_head(file, "nginx", made) for file in nginx.files(made)}
    assert printed("front") == fronts["shop.conf"]
    assert "ssl_certificate" not in printed("front")
    assert printed("front_with_https") == fronts["shop-https.conf"]
    assert "ssl_certificate" in printed("front_with_https")
    assert bool(printed("settings")) is (server in ("gunicorn", "uwsgi"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--without"], "--without needs a value"),
        (["--without", "everything"], "there is no step everything; these are: packages "),
        (["--dryrun"], "there is no option --dryrun"),
        (["here"], "there is no option here"),
    ],
)
def test_what_it_does_not_know_is_an_error(words: list[str], said: str) -> None:
    told = bash(host.script(site()), "-s", "--", *words)
    assert told.returncode == 1
    assert said in told.stderr.decode()
    assert told.stdout == b""


def test_help_lists_each_option_that_it_takes() -> None:
    script = host.script(site())
    told = bash(script, "-s", "--", "--help")
    assert told.returncode == 0
    parsed = re.findall(r"--[a-z-]+", script[script.index("\nparse() {") : script.index("\ntake() {")])
    for option in parsed:
        assert option in told.stdout.decode() or option == "--help"


def test_another_user_than_root_is_told_so() -> None:
    needs_program("setpriv")
    script = host.script(site())
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    words = [*drop, "bash", "-s"]
    told = subprocess.run(words, input=script, capture_output=True, text=True)
    assert told.returncode == 1
    assert "it has to run as root" in told.stderr


@pytest.mark.parametrize("changes", [{"user": "shop; id"}, {"application": "\udcff"}, {"user": "-x"}])
def test_what_it_cannot_be_written_for_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(Unquotable):
        list(host.files(site(**changes)))


def test_a_folder_without_releases_is_refused() -> None:
    with pytest.raises(Impossible, match="--folder"):
        list(host.files(site(folder="/opt/shop")))
