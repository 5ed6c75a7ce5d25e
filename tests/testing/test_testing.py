"""The test client and the runner behave as Flask's, and leave no context behind."""

from __future__ import annotations

import importlib.metadata
import typing as t

import click
import flask.testing
import pytest
import werkzeug.test
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder as WerkzeugBuilder

import erlen
from erlen import Erlen
from erlen.active import cv_app, cv_request
from erlen.cli import ScriptInfo
from erlen.sessions import SecureCookieSessionInterface, SessionInterface
from erlen.testing import EnvironBuilder, FlaskClient, FlaskCliRunner


@pytest.fixture
def app() -> Erlen:
    app = Erlen(__name__)
    app.testing = True
    app.secret_key = "secret"
    app.add_url_rule("/", "index", lambda: erlen.request.url)
    app.add_url_rule("/agent", "agent", lambda: f"{erlen.request.remote_addr} {erlen.request.user_agent}")
    app.add_url_rule("/move", "move", lambda: erlen.redirect("/"))

    @app.post("/echo")
    def echo() -> t.Any:
        return {"json": erlen.request.get_json(silent=True), "form": erlen.request.form, **erlen.request.args}

    return app


@pytest.fixture
def client(app: Erlen) -> FlaskClient:
    return app.test_client()


@pytest.fixture(autouse=True)
def _no_context_stays() -> t.Iterator[None]:
    yield
    assert cv_request.get(None) is None
    assert cv_app.get(None) is None


# requests

paths = st.sampled_from(
    ["/", "/a?b=c", "a", "", "?q", "//host/a", "http://other.org/x?y=1", "https://other.org", "/ä"]
)


@given(
    path=paths,
    subdomain=st.sampled_from([None, "", "sub"]),
    url_scheme=st.sampled_from([None, "", "https"]),
    base_url=st.sampled_from([None, None, "", "http://base.org/root/"]),
    server_name=st.sampled_from([None, "example.com:1234"]),
    root=st.sampled_from(["/", "/root", "root/"]),
    scheme=st.sampled_from(["http", "https"]),
)
def test_an_environ_is_built_as_flask_builds_it(
    path: str,
    subdomain: str | None,
    url_scheme: str | None,
    base_url: str | None,
    server_name: str | None,
    root: str,
    scheme: str,
) -> None:
    answers = []
    for app, builder_class in ((OURS, EnvironBuilder), (THEIRS, flask.testing.EnvironBuilder)):
        t.cast(t.Any, app).config.update(
            SERVER_NAME=server_name, APPLICATION_ROOT=root, PREFERRED_URL_SCHEME=scheme
        )
        try:
            builder = t.cast(t.Any, builder_class)(app, path, base_url, subdomain, url_scheme)
            environ = {key: value for key, value in builder.get_environ().items() if key.isupper()}
            environ["scheme"] = builder.url_scheme
            builder.close()
        except Exception as error:
            environ = {"error": type(error)}
        answers.append(environ)
    assert answers[0] == answers[1]


OURS, THEIRS = Erlen(__name__), flask.Flask(__name__)


def test_a_base_url_says_subdomain_and_scheme_already(app: Erlen) -> None:
    with pytest.raises(AssertionError, match='Cannot pass "subdomain" or "url_scheme" with "base_url"'):
        EnvironBuilder(app, base_url="http://a.org", subdomain="b")


def test_the_builder_writes_json_as_the_application_does(app: Erlen) -> None:
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    builder = EnvironBuilder(app, json="€")
    assert builder.input_stream.read().decode() == '"€"'
    assert builder.content_type == "application/json"
    builder.close()


def test_requests_come_from_this_machine_and_name_werkzeug(client: FlaskClient) -> None:
    version = importlib.metadata.version("werkzeug")
    assert client.get("/agent").text == f"127.0.0.1 Werkzeug/{version}"
    client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    assert client.get("/agent", headers={"User-Agent": "Me"}).text == "10.0.0.1 Me"
    assert client.get("/agent", environ_base={"REMOTE_ADDR": "10.0.0.2"}).text.startswith("10.0.0.2")


def test_a_builder_an_environ_or_a_request_can_be_sent(app: Erlen, client: FlaskClient) -> None:
    builder = EnvironBuilder(app, "/agent")
    environ = builder.get_environ()
    assert client.open(builder).text.startswith("127.0.0.1")
    assert client.open(environ).text.startswith("127.0.0.1")
    assert client.open(WerkzeugBuilder("/agent").get_request()).text.startswith("127.0.0.1")
    client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    assert client.open(environ).text.startswith("10.0.0.1")
    builder.close()


def test_forms_json_and_whole_urls_are_sent(client: FlaskClient) -> None:
    response = client.post("http://domain.org/echo?vodka=42", data={"gin": 43})
    assert response.json == {"form": {"gin": "43"}, "json": None, "vodka": "42"}
    assert client.post("/echo", json={"a": [1]}).json == {"form": {}, "json": {"a": [1]}}


def test_responses_read_json_as_the_application_does(app: Erlen, client: FlaskClient) -> None:
    app.json.loads = lambda text: f"read {text!r}"  # type: ignore[method-assign]
    assert client.post("/echo").get_json().startswith("read b")


def test_redirects_are_followed_when_asked(client: FlaskClient) -> None:
    assert client.get("/move").status_code == 302
    assert client.get("/move", follow_redirects=True).text == "http://localhost/"


def test_cookies_are_kept_unless_switched_off(app: Erlen) -> None:
    @app.get("/cookie")
    def cookie() -> t.Any:
        response = erlen.make_response(erlen.request.cookies.get("a", "none"))
        response.set_cookie("a", "b")
        return response

    client = app.test_client()
    assert [client.get("/cookie").text for _ in range(2)] == ["none", "b"]
    client.set_cookie("a", "c")
    assert client.get_cookie("a").value == "c"  # type: ignore[union-attr]
    assert client.get("/cookie").text == "c"
    client.delete_cookie("a")
    assert client.get("/cookie").text == "none"
    forgetful = app.test_client(use_cookies=False)
    assert [forgetful.get("/cookie").text for _ in range(2)] == ["none", "none"]


def test_a_client_of_ones_own_gets_its_arguments(app: Erlen) -> None:
    class Authenticated(FlaskClient):
        def __init__(self, *args: t.Any, user: str, **kwargs: t.Any) -> None:
            self.user = user
            super().__init__(*args, **kwargs)

        def open(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
            kwargs.setdefault("headers", {})["User-Agent"] = self.user
            return super().open(*args, **kwargs)

    app.test_client_class = Authenticated
    assert app.test_client(user="ada").get("/agent").text == "127.0.0.1 ada"


# contexts


def test_in_a_with_block_the_last_request_stays_active(app: Erlen, client: FlaskClient) -> None:
    with client:
        client.get("/?n=1")
        assert erlen.request.args["n"] == "1"
        assert erlen.current_app._get_current_object() is app
        client.get("/agent")
        assert erlen.request.path == "/agent"
    assert cv_request.get(None) is None


def test_in_a_with_block_teardown_functions_run_when_they_run_in_flask() -> None:
    counts = []
    for web, app_class in ((erlen, Erlen), (flask, flask.Flask)):
        app: t.Any = app_class(__name__)
        ends: list[str] = []
        app.teardown_request(lambda error, ends=ends, web=web: ends.append(web.request.path))
        app.teardown_appcontext(lambda error, ends=ends: ends.append("app"))
        with app.test_client() as client:
            for path in ("/one", "/two"):
                client.get(path)
                ends.append("after")
        counts.append(ends)
    assert counts[0] == counts[1]


def test_g_and_session_can_be_looked_at_after_the_request(app: Erlen, client: FlaskClient) -> None:
    @app.get("/keep")
    def keep() -> str:
        erlen.g.value = 42
        erlen.session["user"] = "ada"
        return ""

    with client:
        client.get("/keep")
        assert erlen.g.value == 42
        assert erlen.session["user"] == "ada"
    with pytest.raises(RuntimeError):
        erlen.g.value  # noqa: B018


def test_a_request_that_fails_stays_active_too(app: Erlen) -> None:
    app.testing = False
    app.add_url_rule("/fail", "fail", lambda: str(1 / 0))
    with app.test_client() as client:
        assert client.get("/fail").status_code == 500
        assert erlen.request.path == "/fail"


def test_only_the_last_of_several_redirects_stays_active(app: Erlen, client: FlaskClient) -> None:
    with client:
        client.get("/move", follow_redirects=True)
        assert erlen.request.path == "/"


def test_with_blocks_of_one_client_do_not_nest(client: FlaskClient) -> None:
    with client:
        with pytest.raises(RuntimeError, match="Cannot nest client invocations"), client:
            pass
        client.get("/")
    with client:
        assert client.get("/").status_code == 200


def test_a_response_that_streams_gives_its_context_back_when_it_is_closed(app: Erlen) -> None:
    app.add_url_rule("/stream", "stream", lambda: erlen.stream_with_context(iter(["hello"])))
    with app.test_request_context("/outer") as outer:
        with app.test_client() as client:
            response = client.get("/stream")
        response.close()
        assert cv_request.get(None) is outer


# sessions


def test_a_session_is_prepared_for_the_next_request(app: Erlen, client: FlaskClient) -> None:
    app.add_url_rule("/user", "user", lambda: str(erlen.session["user"]))
    with client.session_transaction() as session:
        assert len(session) == 0
        session["user"] = ["ada"]
    assert client.get("/user").text == "['ada']"
    with client.session_transaction() as session:
        assert session["user"] == ["ada"]


def test_a_session_transaction_leaves_the_active_request_alone(app: Erlen, client: FlaskClient) -> None:
    with app.test_request_context("/outer") as outer:
        with client.session_transaction() as session:
            assert cv_request.get(None) is outer
            session["a"] = 1
        assert cv_request.get(None) is outer


def test_a_session_transaction_takes_the_arguments_of_a_request(app: Erlen, client: FlaskClient) -> None:
    class ByPath(SecureCookieSessionInterface):
        def get_cookie_path(self, app: t.Any) -> str:
            return erlen.request.path

    app.session_interface = ByPath()
    with client.session_transaction("/inside", base_url="http://example.org/") as session:
        session["a"] = 1
    cookie = client.get_cookie("session", domain="example.org", path="/inside")
    assert cookie is not None


def test_an_error_in_a_session_transaction_stores_nothing(client: FlaskClient) -> None:
    def spoil() -> None:
        with client.session_transaction() as session:
            session["a"] = 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil()
    assert client.get_cookie("session") is None


def test_a_session_transaction_needs_cookies_and_a_session(app: Erlen) -> None:
    with (
        pytest.raises(TypeError, match=r"Cookies are disabled\."),
        app.test_client(use_cookies=False).session_transaction(),
    ):
        pass
    app.secret_key = None
    with (
        pytest.raises(RuntimeError, match=r"Session backend did not open a session\..*SECRET_KEY"),
        app.test_client().session_transaction(),
    ):
        pass


def test_a_stand_in_for_a_session_is_not_stored(app: Erlen, client: FlaskClient) -> None:
    class StandIns(SessionInterface):
        def open_session(self, app: t.Any, request: t.Any) -> t.Any:
            return self.make_null_session(app)

        def save_session(self, app: t.Any, session: t.Any, response: t.Any) -> t.NoReturn:
            pytest.fail("a stand-in was saved")

    app.session_interface = StandIns()
    with client.session_transaction() as session:
        assert len(session) == 0


# commands


@pytest.fixture
def runner(app: Erlen) -> FlaskCliRunner:
    @app.cli.command("hello")
    @click.argument("name", default="World")
    def hello(name: str) -> None:
        click.echo(f"Hello, {name} from {erlen.current_app.name}!")

    return app.test_cli_runner()


def test_a_command_is_run_by_its_name(runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["hello", "you"]).output == f"Hello, you from {__name__}!\n"


def test_a_command_is_run_as_an_object(app: Erlen, runner: FlaskCliRunner) -> None:
    result = runner.invoke(app.cli.commands["hello"])
    assert (result.output, result.exit_code) == (f"Hello, World from {__name__}!\n", 0)


def test_a_command_may_get_another_application(runner: FlaskCliRunner) -> None:
    info = ScriptInfo(create_app=lambda: Erlen("other"))
    assert "from other" in runner.invoke(args=["hello"], obj=info).output


def test_a_runner_of_ones_own_is_used(app: Erlen) -> None:
    class Mine(FlaskCliRunner):
        pass

    assert type(app.test_cli_runner()) is FlaskCliRunner
    app.test_cli_runner_class = Mine
    assert type(app.test_cli_runner(charset="latin-1")) is Mine


def test_the_client_is_werkzeugs_client() -> None:
    assert issubclass(FlaskClient, werkzeug.test.Client)
    assert issubclass(EnvironBuilder, werkzeug.test.EnvironBuilder)
    assert issubclass(FlaskCliRunner, click.testing.CliRunner)
