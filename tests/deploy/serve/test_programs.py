"""What the command does with its choices."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from erlen.deploy.serve import errors, programs
from erlen.deploy.serve.errors import ServeError
from tests.deploy.serve.running import (
    CALM,
    COROUTINES,
    ERLEN,
    PATIENCE,
    PLAIN,
    Serving,
    environment,
    failing,
    serving,
    write,
)
from tests.ports import free_port

servers = pytest.mark.servers


@pytest.mark.parametrize(
    ("port", "status"), [("8000", None), ("0", None), ("65536", 2), ("-1", 2), ("http", 2), ("", 2), ("٨", 2)]
)
def test_the_port_of_the_environment(port: str, status: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    if status is None:
        assert programs.host_and_port({"host": None, "port": None}) == ("0.0.0.0", int(port))
        return
    with pytest.raises(ServeError, match="The variable PORT is") as raised:
        programs.host_and_port({"host": None, "port": None})
    assert raised.value.status == status


@pytest.mark.parametrize(
    ("choices", "variable", "address"),
    [
        ({"host": None, "port": None}, None, ("127.0.0.1", 5000)),
        ({"host": None, "port": 80}, None, ("127.0.0.1", 80)),
        ({"host": "::1", "port": None}, None, ("::1", 5000)),
        ({"host": None, "port": 80}, "8000", ("127.0.0.1", 80)),
        ({"host": "10.0.0.1", "port": None}, "8000", ("10.0.0.1", 8000)),
    ],
)
def test_options_go_before_the_environment(
    choices: dict[str, object],
    variable: str | None,
    address: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    if variable is not None:
        monkeypatch.setenv("PORT", variable)
    assert programs.host_and_port(choices) == address


# by processes


@servers
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (PLAIN, r"WSGI: all views are plain\n \* 1 worker, 4 threads each"),
        (COROUTINES, r"ASGI: the view 'sleep' is a coroutine function\n \* 1 worker, 4 threads each"),
    ],
    ids=["wsgi", "asgi"],
)
def test_the_banner_says_what_it_does(code: str, says: str, tmp_path: Path) -> None:
    with serving(tmp_path, code, *CALM) as server:
        server.logged(rf" \* Serving 'shop' on http://127.0.0.1:{server.port}\n \* {says}")
        pid = server.process.pid
        server.logged(rf" \* Stop: kill -TERM {pid}, or Ctrl-C. Reload: kill -HUP {pid}")


@servers
def test_the_interface_can_be_asked_for(tmp_path: Path) -> None:
    code = (
        PLAIN
        + "\n@app.get('/how')\ndef how(): return 'ASGI' if 'asgi.scope' in request.environ else 'WSGI'\n"
    )
    for interface in ("wsgi", "asgi"):
        with serving(tmp_path, code, *CALM, "--interface", interface) as server:
            assert server.get("/how") == interface.upper()


@servers
@pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])
def test_secrets_of_the_environment_are_in_no_environ(code: str, tmp_path: Path) -> None:
    with serving(tmp_path, code, *CALM, env={"DATABASE_PASSWORD": "hunter2"}) as server:
        text = server.get("/environ")
        assert "REQUEST_METHOD" in text
        assert "hunter2" not in text
        assert "DATABASE_PASSWORD" not in text


@servers
@pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])
def test_a_unix_socket_is_served_and_removed(code: str, tmp_path: Path) -> None:
    with serving(tmp_path, code, *CALM, "--unix", "shop.sock", "--mode", "600") as server:
        server.logged("on unix:")
        assert server.get() == "one"
        assert (tmp_path / "shop.sock").stat().st_mode & 0o777 == 0o600
        server.send(signal.SIGHUP)
        server.logged("Reloaded")
        assert server.get() == "one"
        assert server.stop() == 0
        assert not (tmp_path / "shop.sock").exists()


@servers
def test_it_serves_on_a_port_of_the_environment(tmp_path: Path) -> None:
    port = free_port()
    write(tmp_path, PLAIN)
    command = [ERLEN, "--app", "shop", "serve", *CALM]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(PORT=str(port)), stderr=log)
    try:
        server = Serving.__new__(Serving)
        server.process, server.folder, server.log_file, server.unix = (
            process,
            tmp_path,
            tmp_path / "log",
            None,
        )
        server.wait_until_ready()
        server.logged(rf"on http://0\.0\.0\.0:{port}")
        assert server.get() == "one"
        assert server.stop() == 0
    finally:
        process.kill()
        process.wait()


@servers
@pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])
def test_a_check_starts_and_stops_the_application(code: str, tmp_path: Path) -> None:
    write(tmp_path, code + "\n@app.before_serving\ndef say(): print('started', flush=True)\n")
    done = subprocess.run(
        [ERLEN, "--app", "shop", "serve", "--check"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("started\n'shop' starts and stops. ")


@servers
@pytest.mark.parametrize(
    ("code", "words", "env", "status", "says"),
    [
        ("import nothing_there", ("--check",), {}, errors.APPLICATION, "nothing_there"),
        (PLAIN, (), {"FLASK_DEBUG": "1"}, errors.APPLICATION, "Debug mode is on"),
        (PLAIN, (), {"WEB_CONCURRENCY": "many"}, errors.USAGE, "WEB_CONCURRENCY"),
        (PLAIN, ("--workers", "0"), {}, errors.USAGE, "0 is not in the range"),
        (PLAIN, ("--unix", "shop.py"), {}, errors.ADDRESS, "shop.py"),
        (PLAIN, ("--mode", "999", "--unix", "x.sock"), {}, errors.USAGE, "999"),
        (PLAIN, ("--cert", "nowhere.pem", "--key", "nowhere.pem"), {}, errors.CERTIFICATE, "nowhere.pem"),
        (PLAIN, ("--cert", "nowhere.pem"), {}, errors.CERTIFICATE, "nowhere.pem"),
        (PLAIN, ("--chdir", "nowhere"), {}, errors.APPLICATION, "nowhere"),
        (PLAIN, ("--pid-file", "nowhere/serve.pid"), {}, errors.PID_FILE, "nowhere"),
        (PLAIN, ("--reload",), {}, errors.USAGE, "--pid-file"),
        (PLAIN, ("--reload", "--pid-file", "nowhere"), {}, errors.NO_SERVER, "nowhere"),
    ],
)
def test_what_can_not_be_done_is_one_line_and_a_status(
    code: str, words: tuple[str, ...], env: dict[str, str], status: int, says: str, tmp_path: Path
) -> None:
    write(tmp_path, code)
    found, log = failing(tmp_path, *words, env=env)
    last = log.strip().splitlines()[-1]
    assert (found, says in last) == (status, True), log
    assert "Traceback" not in log or "nothing_there" in log


@servers
def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, *CALM) as server:
        (tmp_path / "other").mkdir()
        write(tmp_path / "other", PLAIN)
        status, log = failing(tmp_path / "other", *CALM, "--port", str(server.port))
        assert status == errors.ADDRESS
        assert log.count("\n") == 1
        assert f"Port {server.port} is in use" in log
        assert server.get() == "one"


@servers
def test_without_granian_it_says_how_to_get_it(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    hide = "import sys; sys.modules['granian'] = None; import importlib.util as u; find = u.find_spec;"
    hide += "u.find_spec = lambda n, *a: None if n == 'granian' else find(n, *a);"
    code = f"{hide} sys.argv = ['erlen', '--app', 'shop', 'serve']; from erlen.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == errors.NO_SERVER
    assert "pip install 'erlen[serve]'" in done.stderr
    assert done.stderr.count("\n") == 1


@servers
def test_tls_begins_at_1_2_and_a_reload_reads_the_certificate_anew(tmp_path: Path) -> None:
    import ssl

    def make(name: str) -> None:
        command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={name}".split()
        subprocess.run(
            [*command, "-keyout", "key.pem", "-out", "cert.pem"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    def subject(version: ssl.TLSVersion) -> bytes | None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=PATIENCE)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"one"
        certificate = connection.sock.getpeercert(binary_form=True)
        connection.close()
        return certificate

    make("one")
    with serving(tmp_path, PLAIN, *CALM, "--cert", "cert.pem", "--key", "key.pem") as server:
        server.logged("on https://")
        first = subject(ssl.TLSVersion.TLSv1_2)
        assert first == subject(ssl.TLSVersion.TLSv1_3)
        make("other")
        server.send(signal.SIGHUP)
        server.logged("Reloaded")
        assert subject(ssl.TLSVersion.TLSv1_3) != first


@servers
@pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])
def test_a_root_path_is_the_same_on_both_protocols(code: str, tmp_path: Path) -> None:
    code += (
        "\n@app.get('/where')\ndef where(): return f'{request.root_path}|{request.path}|{request.base_url}'\n"
    )
    with serving(tmp_path, code, *CALM, "--root-path", "/shop") as server:
        assert server.get("/shop/where").startswith("/shop|/where|http://127.0.0.1:")
        assert server.get("/shop/") == "one"
        assert [server.status_of(path) for path in ("/where", "/shopping/where", "/shop/nothing")] == [
            404
        ] * 3


@servers
def test_adopted_sockets_stay_open_for_the_next_server(tmp_path: Path) -> None:
    """What systemd does: it keeps the socket, and whoever connects in between waits."""
    write(tmp_path, PLAIN)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(50)
    port = listener.getsockname()[1]
    code = f"import os; os.dup2({listener.fileno()}, 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
    code += "os.environ['LISTEN_FDS'] = '1'; "
    code += f"os.execv({str(ERLEN)!r}, ['erlen', '--app', 'shop', 'serve', '--workers', '1'])"

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment(), pass_fds=[listener.fileno()]
        )

    def get() -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/")
        body = connection.getresponse().read()
        connection.close()
        return body

    with listener:
        for _ in range(2):
            server = start()
            try:
                assert get() == b"one"
                os.kill(server.pid, signal.SIGTERM)
                assert server.wait(PATIENCE) == 0
            finally:
                server.kill()
                server.wait()


@servers
@pytest.mark.parametrize("code", [PLAIN, COROUTINES], ids=["wsgi", "asgi"])
def test_logs_of_server_and_application_are_in_the_form_that_is_asked_for(code: str, tmp_path: Path) -> None:
    code += "\n@app.get('/say')\ndef say():\n    app.logger.warning('a\\nb')\n    return ''\n"
    with serving(tmp_path, code, *CALM, "--log-format", "json", "--access-log") as server:
        assert server.answer("/say?password=hunter2")[2]["x-request-id"]
        assert server.stop() == 0
        records = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
        assert "hunter2" not in server.log
    loggers = {record["logger"] for record in records}
    assert {"shop", "erlen.access", "erlen.serve"} <= loggers
    (said,) = [record for record in records if record["logger"] == "shop"]
    (access,) = [record for record in records if record["logger"] == "erlen.access"]
    assert said["message"] == "a\nb"
    assert said["request_id"] == access["request_id"]
