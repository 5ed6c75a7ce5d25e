"""What is read from an application, and what is refused before anything is written."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from erlen import Blueprint, Erlen
from erlen.deploy import health
from erlen.deploy.targets.options import Options, Unreadable
from erlen.deploy.targets.reading import read_site, reference, slug
from erlen.deploy.targets.site import Folder, Site
from erlen.eventstream import EventStream


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module `shop` in the current folder, as if it had been imported from there."""
    (tmp_path / "shop.py").touch()
    monkeypatch.chdir(tmp_path)
    module = types.ModuleType("shop")
    monkeypatch.setitem(sys.modules, "shop", module)
    monkeypatch.syspath_prepend(tmp_path)
    return module


@pytest.fixture
def app(module: types.ModuleType) -> Erlen:
    module.app = Erlen("shop", root_path=str(Path.cwd()))
    return module.app


def read(app: Erlen, **options: object) -> Site:
    return read_site(app, "shop:app", Options(**options))


# the application


def test_the_application_is_what_was_asked_for(app: Erlen) -> None:
    assert reference(app, "shop:app") == "shop:app"
    assert reference(app, "shop") == "shop:app"
    assert reference(app, "shop.py") == "shop:app"


def test_a_function_that_makes_it_is_called(module: types.ModuleType) -> None:
    def create_app(kind: str = "production") -> Erlen:
        return Erlen("shop")

    module.create_app = create_app
    assert reference(create_app(), "shop") == "shop:create_app()"
    assert reference(create_app(), "shop:create_app") == "shop:create_app()"
    assert reference(create_app(), "shop:create_app('test')") == "shop:create_app('test')"


def test_an_application_that_no_server_can_import_is_an_error(app: Erlen, module: types.ModuleType) -> None:
    del module.app
    with pytest.raises(Unreadable, match="--app module:name"):
        reference(app, "shop")


@pytest.mark.parametrize(
    ("name", "word"), [("Shop", "shop"), ("my shop!", "my-shop"), ("9lives", "app-9lives"), ("…", "app")]
)
def test_a_word_is_made_of_the_applications_name(name: str, word: str) -> None:
    assert slug(name) == word


def test_the_usual_places_follow_from_the_name(app: Erlen) -> None:
    site = read(app)
    assert (site.name, site.user, site.folder) == ("shop", "shop", "/srv/shop/current")
    assert (site.environment, site.settings) == ("/srv/shop/current/.venv", "/etc/shop")
    assert (site.socket, site.run_folder) == ("/run/shop/shop.sock", "/run/shop")
    assert read(app, name="other").socket == "/run/other/other.sock"


def test_a_port_takes_the_place_of_the_socket(app: Erlen) -> None:
    site = read(app, port=8080)
    assert (site.socket, site.host, site.port) == (None, "127.0.0.1", 8080)


# hosts, prefix, limits


def test_names_are_those_of_the_configuration_unless_others_are_given(app: Erlen) -> None:
    app.config["TRUSTED_HOSTS"] = [
        "Shop.example:443",
        ".shop.example",
        "localhost",
        "127.0.0.1",
        "bücher.example",
    ]
    assert read(app).domains == ("shop.example", "xn--bcher-kva.example")
    assert read(app, domains=("a.example",)).domains == ("a.example",)


def test_hosts_may_be_text_and_addresses_in_brackets_are_left_out(app: Erlen) -> None:
    app.config["TRUSTED_HOSTS"] = "a.example, b.example,[::1]"
    assert read(app).domains == ("a.example", "b.example")


@pytest.mark.parametrize("limit", ["16MB", -1, True, 1.5])
def test_a_limit_that_is_no_number_of_bytes_is_an_error(app: Erlen, limit: object) -> None:
    app.config["MAX_CONTENT_LENGTH"] = limit
    with pytest.raises(Unreadable, match="MAX_CONTENT_LENGTH"):
        read(app)


def test_the_name_of_the_server_counts_where_no_host_is_trusted(app: Erlen) -> None:
    app.config["SERVER_NAME"] = "shop.example:8000"
    assert read(app).domains == ("shop.example",)


def test_the_prefix_is_that_of_the_configuration_unless_another_is_given(app: Erlen) -> None:
    assert read(app).prefix == ""
    app.config["APPLICATION_ROOT"] = "/shop/"
    assert read(app).prefix == "/shop"
    assert read(app, prefix="/").prefix == ""


def test_limit_proxies_and_probes_are_the_applications(app: Erlen) -> None:
    assert (read(app).largest_body, read(app).trusts_proxies, read(app).probes) == (None, False, ())
    app.config.update(
        MAX_CONTENT_LENGTH=10, TRUSTED_PROXIES=["unix"], TRUSTED_PROXY_HEADERS="X-Forwarded-Prefix"
    )
    health.init_app(app)
    site = read(app)
    assert (site.largest_body, site.trusts_proxies, site.trusts_prefix) == (10, True, True)
    assert (site.probes, site.has_health) == (("/livez", "/readyz"), True)


# files


def test_static_folders_of_the_project_are_found_with_their_urls(app: Erlen) -> None:
    blueprint = Blueprint(
        "admin", "shop", static_folder="files", url_prefix="/admin", root_path=str(Path.cwd())
    )
    nested = Blueprint("inner", "shop", static_folder="more", url_prefix="/inner", root_path=str(Path.cwd()))
    blueprint.register_blueprint(nested)
    app.register_blueprint(blueprint)
    assert read(app).static == (
        Folder("/static/", "/srv/shop/current/static"),
        Folder("/admin/files/", "/srv/shop/current/files"),
        Folder("/admin/inner/more/", "/srv/shop/current/more"),
    )


def test_a_folder_with_a_manifest_has_digests(app: Erlen) -> None:
    Path("static").mkdir()
    Path("static/static-digest.json").touch()
    assert read(app).static[0].has_digests


@pytest.mark.parametrize(
    "options",
    [
        {"static_folder": "/usr/share"},
        {"static_folder": "static", "static_url_path": ""},
        {"static_folder": None},
    ],
    ids=["outside", "all-urls", "none"],
)
def test_folders_that_a_front_cannot_send_are_left_to_the_application(
    module: types.ModuleType, options
) -> None:
    module.app = Erlen("shop", root_path=str(Path.cwd()), **options)
    assert read(module.app).static == ()


def test_static_files_of_one_host_are_left_to_the_application(module: types.ModuleType) -> None:
    module.app = Erlen("shop", root_path=str(Path.cwd()), host_matching=True, static_host="a.example")
    assert read(module.app).static == ()


def test_a_static_folder_with_a_line_break_is_an_error(module: types.ModuleType) -> None:
    module.app = Erlen("shop", root_path=str(Path.cwd()), static_folder="a\nb", static_url_path="/s")
    with pytest.raises(Unreadable, match="static files"):
        read(module.app)


def test_uploads_have_a_url_and_a_folder(app: Erlen) -> None:
    assert read(app, media=(("media", "/srv/media/"),)).media == (Folder("/media/", "/srv/media"),)
    with pytest.raises(Unreadable, match="--media"):
        read(app, media=(("/media/", "media"),))


# how it is called


def test_rules_of_websockets_and_event_streams_are_found(app: Erlen) -> None:
    @app.websocket("/echo/<room>")
    async def echo(room): ...

    @app.get("/events")
    def events() -> EventStream:
        return EventStream(iter(()))

    @app.get("/")
    def index():
        return ""

    site = read(app)
    assert (site.websockets, site.event_streams, site.interface) == (("/echo/<room>",), ("/events",), "asgi")
    assert read(app, interface="wsgi").interface == "wsgi"


@pytest.mark.parametrize(
    ("server", "interface"),
    [("uwsgi", "wsgi"), ("waitress", "wsgi"), ("uvicorn", "asgi"), ("hypercorn", "asgi")],
)
def test_a_server_with_one_protocol_decides(app: Erlen, server: str, interface: str) -> None:
    assert read(app, server=server).interface == interface
    other = "asgi" if interface == "wsgi" else "wsgi"
    with pytest.raises(Unreadable, match="--server"):
        read(app, server=server, interface=other)


@pytest.mark.parametrize("server", ["uwsgi", "waitress"])
def test_websockets_need_a_server_that_has_them(app: Erlen, server: str) -> None:
    @app.websocket("/echo")
    async def echo(): ...

    with pytest.raises(Unreadable, match="/echo"):
        read(app, server=server)
    assert read(app, server=server, interface="wsgi").interface == "wsgi"


# options that cannot be meant


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "my shop"}, "--name"),
        ({"user": "a;b"}, "--user"),
        ({"front_group": "a b"}, "--front-group"),
        ({"domains": ("a b",)}, "shop.example"),
        ({"prefix": "/a{b"}, "/shop"),
        ({"folder": "srv"}, "--folder"),
        ({"folder": "/root/shop"}, "/root"),
        ({"environment": "/root/venv"}, "--environment"),
        ({"settings": "etc"}, "--settings"),
        ({"socket": "/run/a b.sock"}, "--socket"),
        ({"cert": "/c"}, "--key"),
        ({"cert": "c", "key": "/k"}, "--cert"),
        ({"challenges": "acme"}, "--challenges"),
        ({"server": "waitress", "workers": 2}, "--workers"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_an_option_that_no_file_can_hold_is_an_error_that_says_what_to_do(
    app: Erlen, options, said: str
) -> None:
    with pytest.raises(Unreadable, match=said):
        read(app, **options)
