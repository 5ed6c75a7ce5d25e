"""The examples of the notes that the project was started from, as they stand there.

The files are in `notes/`; paths, host names and ports are the tests'. Each example runs twice, on the real
Flask and on Erlen through the alias, with both installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.ports import free_port

from .environment import FRAMEWORKS, Environment, alias_options
from .servers import Server, serving

pytestmark = [pytest.mark.contract, pytest.mark.timeout(120)]

Serving: TypeAlias = "AbstractContextManager[Server]"

NOTES = Path(__file__).with_name("notes")


class Desk:
    """A copy of the notes' files, and one framework to run them on."""

    def __init__(self, framework: str, environment: Environment, folder: Path) -> None:
        self.framework = framework
        self.environment = environment
        self.folder = folder
        self.module = "erlen.app" if framework == "erlen" else "flask.app"
        # What a program needs to find this framework as `flask`.
        self.variables = {"ERLEN_AS_FLASK": "1"} if framework == "erlen" else {}

    def python(self, *arguments: str, cwd: str = ".", **variables: str) -> str:
        """Run Python; give what it prints."""
        done = self._run([self.environment.python, *arguments], cwd, self.variables | variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def cli(self, *arguments: str, cwd: str = ".", stdin: str = "", **variables: str) -> str:
        """Run the framework's command (`flask`, `erlen`); give what it prints."""
        done = self._run([self.environment.script(self.framework), *arguments], cwd, variables, stdin)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def client(self, app: str) -> Callable[..., dict[str, Any]]:
        """Give a function that asks an application of the notes, in a process of its own."""

        def ask(*requests: dict[str, Any]) -> Any:
            return json.loads(self.python("-c", ASKING, app, json.dumps(requests)))

        return ask

    def serve(self, *command: str | Path, port: int, **variables: str) -> Serving:
        """Start a server in the background."""
        return serving(self.environment, command, port, self.folder, self.variables | variables)

    def serve_with_cli(self, *arguments: str, port: int, **variables: str) -> Serving:
        """Start `flask …` or `erlen …` in the background."""
        command = [self.environment.script(self.framework), *arguments]
        return serving(self.environment, command, port, self.folder, variables)

    def starting(self, *program: str) -> list[str | Path]:
        """Give the command that starts a file or `-m module` with this framework as `flask`."""
        return [self.environment.python, *alias_options(self.framework), *program]

    def _run(
        self, command: list[str | Path], cwd: str, variables: Mapping[str, str], stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder / cwd,
            env=self.environment.variables(variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )


# Sends requests with the test client, keeps cookies between them, prints the answers.
ASKING = """
import importlib, io, json, sys
client = importlib.import_module(sys.argv[1]).app.test_client()
answers = []
for request in json.loads(sys.argv[2]):
    for field, content in request.pop("files", {}).items():
        request.setdefault("data", {})[field] = (io.BytesIO(content.encode()), f"{field}.txt")
    if "cookie" in request:
        client.set_cookie("session", request.pop("cookie"))
    answer = client.open(**request)
    headers = dict(answer.headers)
    told = {"status": answer.status_code, "text": answer.text, "headers": headers}
    answers.append(told | {"json": answer.get_json(silent=True)})
print(json.dumps(answers))
"""


@pytest.fixture(params=FRAMEWORKS)
def desk(request: pytest.FixtureRequest, environment: Environment, tmp_path: Path) -> Desk:
    shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__"))
    return Desk(request.param, environment, tmp_path / "notes")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# -- hello world


def test_hello_world_runs_as_a_program_with_debugger_and_reloader(desk: Desk) -> None:
    port = free_port()
    program = desk.folder / "run_app.py"
    program.write_text(program.read_text().replace("1234", str(port)))
    with desk.serve(*desk.starting("run_app.py"), port=port) as server:
        assert server.get().text == "hello world！"
        assert server.get("/nowhere").status == 404
        assert "Debugger is active" in server.output.read_text()


@pytest.mark.parametrize("name", ["app.py", "wsgi.py"])
def test_the_application_is_found_in(name: str, desk: Desk) -> None:
    (desk.folder / "run_app.py").rename(desk.folder / name)
    port = free_port()
    with desk.serve_with_cli("run", "--port", str(port), port=port) as server:
        assert server.get().text == "hello world！"


@pytest.mark.parametrize("variable", ["run_app", "run_app.py", "run_app:app"])
def test_the_application_is_named_by_FLASK_APP(variable: str, desk: Desk) -> None:
    port = free_port()
    environ = {"FLASK_APP": variable, "FLASK_RUN_HOST": "127.0.0.1", "FLASK_RUN_PORT": str(port)}
    with desk.serve_with_cli("run", port=port, **environ) as server:
        assert server.get().text == "hello world！"


def test_the_application_is_named_by_an_option(desk: Desk) -> None:
    assert "hello  " in desk.cli("--app", "run_app", "routes")
    assert "hello  " in desk.python("-m", "flask", "--app", "run_app", "routes")


def test_the_flask_module_is_run_with_FLASK_APP(desk: Desk) -> None:
    port = free_port()
    command = [desk.environment.python, "-m", "flask", "run", "--port", str(port)]
    with desk.serve(*command, port=port, FLASK_APP="run_app.py") as server:
        assert server.get().text == "hello world！"


def test_the_command_line_of_the_notes_starts_a_server(desk: Desk) -> None:
    port = free_port()
    options = ["--port", str(port), "--host", "127.0.0.1", "--reload", "--with-threads"]
    with desk.serve_with_cli("run", *options, port=port, FLASK_APP="run_app.py") as server:
        assert server.get().text == "hello world！"


# -- environment variables


def test_by_hand_wins_over_dotenv_wins_over_flaskenv(desk: Desk) -> None:
    write(
        desk.folder / "dotenv" / ".env",
        '# 私有配置\nBY_HAND=.env\nIN_ENV=.env\nSOME_VAR=1\nFOO="BAR"\n',
    )
    told = desk.cli("show", cwd="dotenv", BY_HAND="by hand")
    assert told.splitlines() == [
        "BY_HAND by hand",
        "IN_ENV .env",
        "IN_FLASKENV .flaskenv",
        "SOME_VAR 1",
        "FOO BAR",
    ]


def test_the_port_can_be_written_into_flaskenv(desk: Desk) -> None:
    port = free_port()
    write(desk.folder / ".flaskenv", f"FLASK_APP=run_app\nFLASK_RUN_HOST=127.0.0.1\nFLASK_RUN_PORT={port}\n")
    with desk.serve_with_cli("run", port=port) as server:
        assert server.get().text == "hello world！"


def test_FLASK_DEBUG_turns_the_debugger_on(desk: Desk) -> None:
    port = free_port()
    write(desk.folder / ".flaskenv", "FLASK_APP=run_app\nFLASK_DEBUG=1\n")
    with desk.serve_with_cli("run", "--port", str(port), "--no-reload", port=port) as server:
        assert server.get().status == 200
        assert "Debug mode: on" in server.output.read_text()


# -- requests and responses


def test_jsonify_in_its_three_forms(desk: Desk) -> None:
    error, from_dict, from_arguments = desk.client("jsonify_forms")(
        {"path": "/error"}, {"path": "/dict"}, {"path": "/arguments"}
    )
    assert (error["status"], error["json"]) == (500, {"message": "Error!"})
    assert (from_dict["status"], from_dict["json"]) == (200, {"name": "lichangan", "gender": "male"})
    assert from_arguments["json"] == from_dict["json"]
    assert {answer["headers"]["Content-Type"] for answer in (error, from_dict)} == {"application/json"}


@pytest.mark.parametrize("code", [400, 401, 403, 405, 408, 409, 415, 500, 502, 505])
def test_abort_answers_with_the_page_of_the_status(code: int, desk: Desk) -> None:
    (answer,) = desk.client("errors")({"path": f"/abort/{code}"})
    assert answer["status"] == code
    assert f"<title>{code} " in answer["text"]


def test_a_page_of_ones_own_for_what_is_not_found(desk: Desk) -> None:
    by_abort, by_path, broken = desk.client("errors")(
        {"path": "/abort/404"}, {"path": "/nowhere"}, {"path": "/broken"}
    )
    for answer in (by_abort, by_path):
        assert (answer["status"], answer["text"]) == (404, "<h1>您所请求的资源无法找到</h1>")
    assert broken["status"] == 500


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_all_seven_methods(method: str, desk: Desk) -> None:
    allowed, refused = desk.client("methods")(
        {"path": "/resource", "method": method}, {"path": "/read-only", "method": method}
    )
    assert allowed["status"] == 200
    assert allowed["text"] == ("" if method == "HEAD" else method)
    assert refused["status"] == (200 if method in ("GET", "HEAD", "OPTIONS") else 405)
    if method == "OPTIONS":
        assert set(refused["headers"]["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_cookies_are_set_on_a_made_response(desk: Desk) -> None:
    made, got, attributes = desk.client("cookies")(
        {"path": "/set/ann"}, {"path": "/get"}, {"path": "/attributes"}
    )
    assert made["status"] == 201
    assert made["headers"]["Set-Cookie"] == "name=ann; Path=/"
    assert made["headers"]["X-Own"] == "own"
    assert made["headers"]["Content-Type"] == "text/plain; charset=utf-8"
    assert got["text"] == "ann"
    assert attributes["json"] == {
        "header": True,
        "status": "202 ACCEPTED",
        "status_code": 202,
        "mimetype": "text/html",
    }


def test_the_places_of_parameters(desk: Desk) -> None:
    get, form, files, json_, data = desk.client("parameters")(
        {"path": "/p", "query_string": "a=1&a=2"},
        {"path": "/p", "query_string": "a=1", "method": "POST", "data": {"b": "2"}},
        {"path": "/p", "method": "POST", "files": {"upload": "content"}},
        {"path": "/p", "method": "POST", "json": {"c": [3]}},
        {"path": "/p", "method": "POST", "data": "plain", "content_type": "text/plain"},
    )
    nothing = {"args": {}, "data": "", "files": {}, "form": {}, "json": None, "values": {}}
    path = {"view_args": {"path_parameter": "p"}}
    assert get["json"] == nothing | path | {"args": {"a": "1"}, "values": {"a": "1"}}
    assert form["json"] == nothing | path | {
        "args": {"a": "1"},
        "form": {"b": "2"},
        "values": {"a": "1", "b": "2"},
    }
    assert files["json"] == nothing | path | {"files": {"upload": "content"}}
    assert json_["json"] == nothing | path | {"json": {"c": [3]}, "data": '{"c": [3]}'}
    assert data["json"] == nothing | path | {"data": "plain"}


def test_a_session_lasts_until_it_is_popped(desk: Desk) -> None:
    answers = desk.client("sessions")(
        {"path": "/"},
        {"path": "/login/ann", "follow_redirects": True},
        {"path": "/"},
        {"path": "/logout", "follow_redirects": True},
    )
    assert [answer["text"] for answer in answers] == ["nobody", "ann", "ann", "nobody"]
    assert answers[2]["headers"]["Vary"] == "Cookie"


def test_a_session_of_one_framework_is_valid_on_the_other(environment: Environment, tmp_path: Path) -> None:
    shutil.copytree(NOTES, tmp_path / "notes", ignore=shutil.ignore_patterns("__pycache__"))
    desks = [Desk(framework, environment, tmp_path / "notes") for framework in FRAMEWORKS]
    for one, other in (desks, desks[::-1]):
        (login,) = one.client("sessions")({"path": "/login/ann"})
        cookie = login["headers"]["Set-Cookie"].partition(";")[0].removeprefix("session=")
        (answer,) = other.client("sessions")({"path": "/", "cookie": cookie})
        assert answer["text"] == "ann"


# -- configuration


def test_configuration_comes_from_modules_files_and_the_environment(desk: Desk) -> None:
    settings = desk.folder / "configured" / "production.cfg"
    told = desk.cli(
        "show", cwd="configured", NOTES_SETTINGS=str(settings), FLASK_FROM_ENV="1", FLASK_NESTED__A="2"
    )
    values, rest = told.splitlines()
    assert json.loads(values) == {
        "FROM_ENV": 1,
        "FROM_ENVVAR": "production.cfg",
        "FROM_FILE": "settings.json",
        "FROM_OBJECT": "config.py",
        "FROM_PYFILE": "settings.py",
    }
    assert rest == "direct False True {'A': 2}"


# -- the command line


def test_the_shell_has_the_application_at_hand(desk: Desk) -> None:
    (desk.folder / "run_app.py").rename(desk.folder / "app.py")
    told = desk.cli("shell", stdin="app\napp.name\nfrom flask import current_app\ncurrent_app.name\n")
    assert f"<{'Erlen' if desk.framework == 'erlen' else 'Flask'} 'app'>" in told
    assert told.count("'app'\n") >= 2


def test_commands_of_ones_own_take_arguments(desk: Desk) -> None:
    assert desk.cli("--app", "commands", "create-user", "admin") == "created admin in commands\n"
    assert desk.cli("--app", "commands", "hello") == "Hello, Human!\n"
    listed = desk.cli("--app", "commands", "--help")
    assert "create-user" in listed
    assert "Say hello." in listed


def test_routes_lists_the_rules(desk: Desk) -> None:
    told = desk.cli("routes", FLASK_APP="commands.py")
    lines = [line.split() for line in told.splitlines()]
    assert ["index", "GET", "/"] in lines
    assert ["user", "GET,", "POST", "/user/<int:number>"] in lines
    assert ["static", "GET", "/static/<path:filename>"] in lines


def test_the_url_map_can_be_looked_at(desk: Desk) -> None:
    told = desk.python("-c", "from commands import app; print(app.url_map)")
    assert told.startswith("Map([<Rule ")
    assert "<Rule '/user/<number>' (" in told
    assert "-> user>" in told


# -- Flask-RESTful


def test_the_todo_application_of_flask_restful(desk: Desk) -> None:
    answers = desk.client("todo")(
        {"path": "/todos"},
        {"path": "/todos/todo3"},
        {"path": "/todos/todo2", "method": "DELETE"},
        {"path": "/todos", "method": "POST", "json": {"task": "something new"}},
        {"path": "/todos/todo3", "method": "PUT", "json": {"task": "something different"}},
        {"path": "/todos/todo2"},
        {"path": "/todos"},
        {"path": "/todos/todo9", "method": "PUT", "json": {}},
        {"path": "/todos/todo1", "method": "PATCH"},
        {"path": "/nowhere"},
    )
    assert [answer["status"] for answer in answers] == [200, 200, 204, 201, 201, 404, 200, 201, 405, 404]
    assert answers[1]["json"] == {"task": "profit!"}
    assert answers[3]["json"] == {"task": "something new"}
    assert "Todo todo2 doesn't exist" in answers[5]["json"]["message"]
    assert sorted(answers[6]["json"]) == ["todo1", "todo3", "todo4"]
    assert answers[6]["json"]["todo3"] == {"task": "something different"}


def test_the_todo_application_runs_as_a_program(desk: Desk) -> None:
    port = free_port()
    program = desk.folder / "todo.py"
    program.write_text(
        program.read_text().replace("app.run(debug=True)", f"app.run(debug=True, port={port})")
    )
    with desk.serve(*desk.starting("todo.py"), port=port) as server:
        assert json.loads(server.get("/todos/todo1").text) == {"task": "build an API"}


# -- proxies and contexts


def test_the_thread_isolated_proxy_and_that_of_g(desk: Desk) -> None:
    one, two = desk.client("proxies")({"path": "/?user_id=1&user_name=ann"}, {"path": "/?user_id=2"})
    assert one["json"] == {"local": ["1", None], "g": ["1", "ann", "1"]}
    assert two["json"] == {"local": ["2", None], "g": ["2", None, "2"]}


def test_the_proxy_of_g_refuses_what_it_does_not_know(desk: Desk) -> None:
    done = desk._run([desk.environment.python, "proxies.py"], ".", desk.variables)
    assert done.stdout == "kept in g None\n"
    assert done.stderr.splitlines()[-1] == "AttributeError: attribute does not exist"


def test_requests_in_threads_do_not_see_each_other(desk: Desk) -> None:
    port = free_port()
    code = f"from proxies import app; app.run(port={port})"
    with desk.serve(desk.environment.python, "-c", code, port=port) as server:
        told = [json.loads(server.get(f"/?user_id={number}").text)["g"][0] for number in range(10)]
    assert told == [str(number) for number in range(10)]


def test_has_request_context_tells_where_the_code_runs(desk: Desk) -> None:
    lines = ["no request", "no request", "/by-hand", "/inside", "no request"]
    assert desk.python("context.py").splitlines() == lines


# -- layout, mounting, servers


def test_a_package_with_config_classes_and_a_factory(desk: Desk) -> None:
    code = "from wsgi import app; print(app.test_client().get('/').text, app.test_client().get('/x').text)"
    told = desk.python("-c", code, cwd="layout", DATABASE_URL="sqlite:///real.db", SECRET_KEY="by hand")
    assert "<p>production sqlite:///real.db by hand /</p>" in told
    assert "<h1>404 /x</h1>" in told


def test_a_factory_is_found_and_its_commands_run(desk: Desk) -> None:
    write(desk.folder / "layout" / ".env", "SECRET_KEY=from-dot-env\nFLASK_CONFIG=production\n")
    told = desk.cli("initdb", "--drop", cwd="layout")
    assert told == "Initialized database sqlite:///production.db drop=True.\n"
    told = desk.cli("--app", "messages:create_app('testing')", "initdb", cwd="layout")
    assert told == "Initialized database sqlite:///:memory: drop=False.\n"


def test_a_wsgi_file_mounted_under_a_path(desk: Desk) -> None:
    """Apache's `WSGIScriptAlias /app …/flaskapp.wsgi`: the path's first part arrives as SCRIPT_NAME."""
    told = desk.python("-c", MOUNTED, "flaskapp.wsgi", cwd="mounted")
    assert told.splitlines() == ["200 OK", "hello world!", "/app/ http://localhost/app/", "404 NOT FOUND"]


MOUNTED = """
import sys
import types
from werkzeug.test import Client
module = types.ModuleType("flaskapp")
module.__file__ = sys.argv[1]
exec(open(sys.argv[1]).read(), vars(module))
client = Client(module.app)
under = {"SCRIPT_NAME": "/app"}
answer = client.get("/", environ_overrides=under)
print(answer.status)
print(answer.text)
with module.app.test_request_context("/", environ_overrides=under):
    from flask import url_for
    print(url_for("hello"), url_for("hello", _external=True))
print(client.get("/app/", environ_overrides=under).status)
"""


def gunicorn(desk: Desk, app: str, *options: str, **variables: str) -> Serving:
    port = free_port()
    command = desk.starting("-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *options, app)
    return desk.serve(*command, port=port, **variables)


def uwsgi(desk: Desk, *options: str, **variables: str) -> Serving:
    desk.environment.install("uwsgi.txt")
    port = free_port()
    command = [desk.environment.script("uwsgi"), "--http-socket", f"127.0.0.1:{port}", "--master"]
    command += ["--die-on-term", "--home", str(desk.environment.folder), *options]
    return desk.serve(*command, port=port, **variables)


def check_who(desk: Desk, server: Server) -> None:
    assert server.get().text == desk.module
    port = server.port
    assert server.get("/where").text == f" /where / http://127.0.0.1:{port}/"


@pytest.mark.servers
def test_gunicorn_runs_the_application(desk: Desk) -> None:
    with gunicorn(desk, "myflaskapp:app", "--workers", "2") as server:
        assert server.get().text == "<span style='color:red'>I am app 1</span>"


@pytest.mark.servers
@pytest.mark.parametrize("options", [[], ["--workers", "2", "--threads", "2"], ["--preload"]], ids=" ".join)
def test_gunicorn_has_the_right_framework(options: list[str], desk: Desk) -> None:
    with gunicorn(desk, "who:app", *options) as server:
        check_who(desk, server)


@pytest.mark.servers
def test_gunicorn_mounts_the_application_under_a_path(desk: Desk) -> None:
    with gunicorn(desk, "who:app", SCRIPT_NAME="/app") as server:
        assert server.get("/app/").text == desk.module
        base = f"http://127.0.0.1:{server.port}"
        assert server.get("/app/where").text == f"/app /where /app/ {base}/app/"


@pytest.mark.servers
def test_gunicorn_runs_the_package_in_production(desk: Desk) -> None:
    with gunicorn(desk, "wsgi:app", "--chdir", "layout") as server:
        assert "<p>production sqlite:///production.db" in server.get().text


@pytest.mark.servers
def test_uwsgi_runs_a_plain_wsgi_function(desk: Desk) -> None:
    with uwsgi(desk, "--wsgi-file", "foobar.py") as server:
        assert server.get().text == "Hello World"


@pytest.mark.servers
def test_uwsgi_runs_the_application(desk: Desk) -> None:
    stats = f"127.0.0.1:{free_port()}"
    options = ["--processes", "4", "--threads", "2", "--stats", stats, "--buffer-size=25530"]
    with uwsgi(desk, "--wsgi-file", "myflaskapp.py", "--callable", "app", *options) as server:
        assert server.get().text == "<span style='color:red'>I am app 1</span>"


@pytest.mark.servers
def test_uwsgi_has_the_right_framework(desk: Desk) -> None:
    with uwsgi(desk, "--wsgi-file", "who.py", "--callable", "app", "--processes", "2") as server:
        check_who(desk, server)


@pytest.mark.servers
def test_uwsgi_mounts_the_application_under_a_path(desk: Desk) -> None:
    with uwsgi(desk, "--mount", "/app=who.py", "--callable", "app", "--manage-script-name") as server:
        assert server.get("/app/").text == desk.module
        assert server.get("/app/where").text.startswith("/app /where /app/ ")


@pytest.mark.servers
def test_uwsgi_reads_an_ini_file(desk: Desk) -> None:
    port = free_port()
    write(
        desk.folder / "yourfile.ini",
        f"""\
[uwsgi]
http-socket = 127.0.0.1:{port}
chdir = {desk.folder}
wsgi-file = who.py
callable = app
home = {desk.environment.folder}
processes = 4
threads = 2
master = true
die-on-term = true
""",
    )
    desk.environment.install("uwsgi.txt")
    with desk.serve(desk.environment.script("uwsgi"), "yourfile.ini", port=port) as server:
        check_who(desk, server)
