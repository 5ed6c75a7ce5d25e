"""Whatever names a site has, its files pass the tools of their servers; or none is written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from erlen.deploy.targets import apache, nginx, uwsgi
from erlen.deploy.targets.files import File, with_head
from erlen.deploy.targets.options import Unreadable, checked_path, checked_url
from erlen.deploy.targets.quoting import Unquotable
from erlen.deploy.targets.site import SERVERS, Folder, Site
from tests.deploy.targets.sites import site

from .conftest import missing, need
from .stack import APACHE, apache_modules, make_certificate, program

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

NGINX = """\
daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/a;
    proxy_temp_path {folder}/b;
    uwsgi_temp_path {folder}/c;
    fastcgi_temp_path {folder}/d;
    scgi_temp_path {folder}/e;
    {text}
}}
"""
TEXTS = st.text(
    st.sampled_from("ab \"'\\$`{}[]()<>|&;:#%!*?~@=,-+\t\n\r\x7f\u2028é😀\ud800"), min_size=1, max_size=8
)
EXAMPLES = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need(missing())
    folder = tmp_path_factory.mktemp("tools")
    make_certificate(folder)
    return folder


@st.composite
def sites(draw: st.DrawFn, folder: str = "/srv/{}") -> Site:
    """Draw a site whose names nobody has chosen well."""
    server = draw(st.sampled_from(SERVERS))
    try:
        code = checked_path("--folder", folder.format(draw(TEXTS)))
        url = checked_url("--media", f"/{draw(TEXTS)}/")
    except Unreadable:
        assume(False)
    rule = draw(TEXTS).replace("<", "")
    return site(
        server=server,
        interface="wsgi" if server in ("uwsgi", "waitress") else "asgi",
        folder=code,
        prefix=draw(st.sampled_from(["", "/app", "/a.b/c-d~e"])),
        static=(Folder("/static/", f"{code}/static", draw(st.booleans())),),
        media=(Folder(url, f"{code}/media"),),
        websockets=(f"/{rule}/<room>",),
        event_streams=(f"/events/{rule}",),
        probes=("/livez",),
        refuses_other_names=draw(st.booleans()),
    )


def text_of(files: Callable[[Site], Iterable[File]], target: str, made: Site, folder: Path) -> Iterator[str]:
    """Yield the texts that a target has for a site, with a certificate that is there; none if it refuses."""
    from dataclasses import replace

    made = replace(made, certificate=str(folder / "cert.pem"), key=str(folder / "key.pem"))
    try:
        written = list(files(made))
    except Unquotable:
        return
    for file in written:
        yield with_head(file, target, made)


def passes(*words: object) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warn" not in done.stderr, done.stderr


@EXAMPLES
@given(made=sites())
def test_nginx_takes_what_is_written(folder: Path, made: Site) -> None:
    (folder / "uwsgi_params").write_text(Path("/etc/nginx/uwsgi_params").read_text())
    text = "\n".join(text_of(nginx.files, "nginx", made, folder))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, text=text))
    passes(program("nginx"), "-t", "-q", "-c", folder / "nginx.conf", "-e", "stderr")


@EXAMPLES
@given(made=sites(), interface=st.sampled_from(["wsgi", "asgi"]))
def test_apache_takes_what_is_written(folder: Path, made: Site, interface: str) -> None:
    from dataclasses import replace

    made = replace(made, interface=interface, user="www-data")
    texts = list(text_of(apache.files, "apache", made, folder))
    (folder / "out/apache").mkdir(parents=True, exist_ok=True)
    (folder / "out/apache/shop.conf").write_text(texts[0] if texts else "")
    (folder / "apache.conf").write_text(
        APACHE.format(folder=folder, modules=apache_modules(), user="www-data")
    )
    passes(program("apache2"), "-t", "-f", folder / "apache.conf")


UWSGI_APPLICATION = "def app(environ, start_response): ...\n"


@settings(EXAMPLES, max_examples=12)
@given(made=sites(folder="/code-{}"))
def test_uwsgi_finds_the_application_in_the_folder_that_was_meant(folder: Path, made: Site) -> None:
    from dataclasses import replace

    code = folder / made.folder.strip("/")
    made = replace(
        made, interface="wsgi", folder=str(code), environment=sys.prefix, application="found_here:app"
    )
    made = replace(made, socket=str(folder / "uwsgi.sock"))
    for text in text_of(uwsgi.files, "uwsgi", made, folder):
        code.mkdir(parents=True, exist_ok=True)
        (code / "found_here.py").write_text(UWSGI_APPLICATION)
        # It ends when the application is loaded; without one 'need-app' ends it before.
        (folder / "uwsgi.ini").write_text(f"{text}\nhook-post-app = exit:0\n")
        done = subprocess.run(
            [Path(sys.prefix) / "bin/uwsgi", "--ini", folder / "uwsgi.ini"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        output = done.stdout + done.stderr
        assert '"exit:0" (post app)' in output, output


@pytest.mark.parametrize("prefix", ["", "/app"])
@pytest.mark.parametrize("server", SERVERS)
def test_the_linter_of_nginx_finds_nothing(tmp_path: Path, server: str, prefix: str) -> None:
    need(None if find_spec("gixy") else "gixy-next is missing: pip install gixy-next.")
    made = site(
        server=server,
        interface="wsgi" if server in ("uwsgi", "waitress") else "asgi",
        prefix=prefix,
        static=(Folder("/static/", "/srv/shop/static", has_digests=True),),
        media=(Folder("/media/", "/srv/media"),),
        websockets=("/echo/<room>",),
        event_streams=("/events",),
        probes=("/livez", "/readyz"),
        refuses_other_names=True,
    )
    text = "\n".join(file.text for file in nginx.files(made))
    (tmp_path / "uwsgi_params").write_text("uwsgi_param QUERY_STRING $query_string;\n")
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, text=text))
    done = subprocess.run(
        [Path(sys.executable).parent / "gixy", "-ll", "-f", "text", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Medium: 0" in done.stdout
    assert "High: 0" in done.stdout
