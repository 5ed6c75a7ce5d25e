"""Which view a request reaches, and what it is told about its address."""

from __future__ import annotations

import typing as t

import pytest
from werkzeug.routing import BaseConverter

from tests.protocols.web import Colour, Web

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@pytest.mark.parametrize("method", METHODS)
def test_each_method_reaches_the_view_that_allows_it(web: Web, colour: Colour, method: str) -> None:
    app = web.Flask("app")
    for name in METHODS:
        view = colour(lambda name=name: f"{name} is {web.request.method}")
        app.add_url_rule("/", name, view, methods=[name])

    assert web.client(app).open("/", method=method).text == f"{method} is {method}"


def test_the_shortcuts_of_methods_allow_one_method_each(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    for name in METHODS:
        getattr(app, name.lower())(f"/{name}", endpoint=name)(colour(lambda: web.request.method))
    client = web.client(app)

    told = {name: [client.open(f"/{name}", method=m).status_code for m in METHODS] for name in METHODS}

    assert told == {name: [200 if name == m else 405 for m in METHODS] for name in METHODS}


def test_head_gets_the_headers_of_get_without_its_body(web: Web, colour: Colour) -> None:
    app, seen = web.Flask("app"), []

    @app.get("/")
    @colour
    def view() -> t.Any:
        seen.append(web.request.method)
        return "twelve bytes", {"X-Kept": "yes"}

    response = web.client(app).head("/")

    assert (response.status_code, response.data, seen) == (200, b"", ["HEAD"])
    assert response.headers["Content-Length"] == "12"
    assert response.headers["X-Kept"] == "yes"


def test_options_is_answered_with_the_methods_of_all_rules_of_a_path(web: Web) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "read", lambda: "", methods=["GET"])
    app.add_url_rule("/", "write", lambda: "", methods=["POST", "PUT"])

    response = web.client(app).options("/")

    assert (response.status_code, response.data) == (200, b"")
    assert sorted(response.allow) == ["GET", "HEAD", "OPTIONS", "POST", "PUT"]


def test_a_view_may_answer_options_itself(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "mine", colour(lambda: web.request.method), methods=["GET", "OPTIONS"])
    app.add_url_rule("/none", "none", colour(lambda: ""), provide_automatic_options=False)
    client = web.client(app)

    assert client.options("/").text == "OPTIONS"
    assert client.options("/none").status_code == 405


def test_a_method_that_is_not_allowed_says_which_are(web: Web) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "view", lambda: "", methods=["POST"])

    response = web.client(app).get("/")

    assert response.status_code == 405
    assert sorted(response.allow) == ["OPTIONS", "POST"]
    assert web.client(app).open("/", method="BREW").status_code == 405


def test_converters_make_values_and_refuse_others(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    for rule in (
        "<int:x>",
        "<int(signed=True):x>",
        "<float:x>",
        "<any(red, blue):x>",
        "<string(length=2):x>",
    ):
        name = rule.strip("<>").partition(":x")[0]
        app.add_url_rule(f"/{name}/{rule}", name, colour(lambda x: repr(x)))
    app.add_url_rule("/path/<path:x>/end", "path", colour(lambda x: repr(x)))
    app.add_url_rule("/uuid/<uuid:x>", "uuid", colour(lambda x: type(x).__name__))
    client = web.client(app)
    told = {
        "/int/7": "7",
        "/int/-7": 404,
        "/int(signed=True)/-7": "-7",
        "/float/1.5": "1.5",
        "/float/1": 404,
        "/any(red, blue)/blue": "'blue'",
        "/any(red, blue)/green": 404,
        "/string(length=2)/ab": "'ab'",
        "/string(length=2)/abc": 404,
        "/path/a/b/c/end": "'a/b/c'",
        "/uuid/a8098c1a-f86e-11da-bd1a-00112444be1e": "UUID",
        "/uuid/a8098c1a": 404,
    }

    answers = {path: client.get(path) for path in told}

    assert {p: a.text if a.status_code == 200 else a.status_code for p, a in answers.items()} == told


def test_a_converter_of_the_application_works_both_ways(web: Web, colour: Colour) -> None:
    class ListConverter(BaseConverter):
        def to_python(self, value: str) -> list[str]:
            return value.split("+")

        def to_url(self, value: list[str]) -> str:
            return "+".join(super(ListConverter, self).to_url(item) for item in value)

    app = web.Flask("app")
    app.url_map.converters["list"] = ListConverter
    app.add_url_rule("/<list:x>", "view", colour(lambda x: {"x": x, "url": web.url_for("view", x=x)}))

    assert web.client(app).get("/a+b").json == {"x": ["a", "b"], "url": "/a+b"}


def test_defaults_fill_in_values_and_redirect_to_the_short_address(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    view = colour(lambda page: {"page": page, "url": web.url_for("view", page=page)})
    app.add_url_rule("/list/", "view", view, defaults={"page": 1})
    app.add_url_rule("/list/<int:page>", "view", view)
    client = web.client(app)

    assert client.get("/list/").json == {"page": 1, "url": "/list/"}
    assert client.get("/list/2").json == {"page": 2, "url": "/list/2"}
    moved = client.get("/list/1")
    assert (moved.status_code, moved.location) == (308, "http://localhost/list/")


@pytest.mark.parametrize(
    ("strict", "path", "status", "location"),
    [
        (True, "/folder", 308, "http://localhost/folder/"),
        (True, "/folder?a=%20b&c", 308, "http://localhost/folder/?a=%20b&c"),
        (True, "/folder/", 200, None),
        (True, "/leaf/", 404, None),
        (False, "/folder", 200, None),
        (False, "/leaf/", 200, None),
        (True, "//folder//", 308, "http://localhost/folder/"),
    ],
)
def test_slashes_are_mended_as_the_map_says(
    web: Web, strict: bool, path: str, status: int, location: str | None
) -> None:
    app = web.Flask("app")
    app.url_map.strict_slashes = strict
    app.add_url_rule("/folder/", "folder", lambda: "folder")
    app.add_url_rule("/leaf", "leaf", lambda: "leaf")

    answer = web.wire(app, path)

    assert (answer.status, answer.values("Location")) == (status, [] if location is None else [location])


def test_a_redirect_keeps_the_method_and_the_body(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.add_url_rule("/form/", "form", colour(lambda: web.request.form["x"]), methods=["POST"])
    client = web.client(app)

    response = client.post("/form", data={"x": "kept"}, follow_redirects=True)

    assert (response.status_code, response.text, len(response.history)) == (200, "kept", 1)


def test_a_rule_may_send_its_visitors_elsewhere(web: Web) -> None:
    app = web.Flask("app")
    app.add_url_rule("/new/<x>", "new", lambda x: x)
    app.add_url_rule("/old/<x>", "old", redirect_to="new/<x>")
    client = web.client(app)

    assert client.get("/old/1").status_code == 308
    assert client.get("/old/1", follow_redirects=True).text == "1"


def test_subdomains_choose_rules_and_give_values(web: Web, colour: Colour) -> None:
    app = web.Flask("app", subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/", "index", colour(lambda: "index"))
    app.add_url_rule("/", "shop", colour(lambda: web.url_for("index")), subdomain="shop")
    app.add_url_rule("/", "user", colour(lambda name: web.url_for("user", name="bob")), subdomain="<name>.u")
    client = web.client(app)

    assert client.get("/").text == "index"
    assert client.get("/", subdomain="shop").text == "http://example.org/"
    assert client.get("/", subdomain="amy.u").text == "http://bob.u.example.org/"
    assert client.get("/", subdomain="nobody").status_code == 404


def test_hosts_choose_rules(web: Web, colour: Colour) -> None:
    app = web.Flask("app", host_matching=True, static_folder=None)
    app.add_url_rule("/", "one", colour(lambda: "one"), host="one.example")
    app.add_url_rule("/", "any", colour(lambda name: f"any {name}"), host="<name>.example:8080")
    client = web.client(app)

    assert client.get("/", base_url="http://one.example").text == "one"
    assert client.get("/", base_url="http://two.example:8080").text == "any two"
    assert client.get("/", base_url="http://other.test").status_code == 404


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        ("/files/a%2Fb", "a/b"),
        ("/files/a%20b+c", "a b+c"),
        ("/files/%C3%BCber/%E6%B0%B4", "über/水"),
        ("/files/100%25", "100%"),
        ("/files/a%252Fb", "a%2Fb"),
        ("/files/%F0%9F%A5%84", "🥄"),
        ("/files/a;b=c", "a;b=c"),
    ],
)
def test_encoded_paths_are_decoded_once_and_agree_with_built_ones(web: Web, target: str, seen: str) -> None:
    app = web.Flask("app")

    @app.get("/files/<path:x>")
    def view(x: str) -> t.Any:
        request = web.request
        return {"x": x, "path": request.path, "built": web.url_for("view", x=x), "url": request.url}

    told = web.client(app).get(target).json
    raw = app.json.loads(web.wire(app, target).body)

    assert (raw["x"], raw["path"]) == (seen, f"/files/{seen}")
    assert (told["x"], told["path"]) == (seen, f"/files/{seen}")
    with app.test_request_context(raw["built"]):
        assert web.request.path == f"/files/{seen}"


def test_an_encoded_slash_separates_segments(web: Web) -> None:
    app = web.Flask("app")
    app.add_url_rule("/<a>/<b>", "two", lambda a, b: f"two {a} {b}")
    app.add_url_rule("/<a>", "one", lambda a: f"one {a}")

    assert web.wire(app, "/x%2Fy").body == b"two x y"
    assert web.wire(app, "/x%2Fy").status == 200


@pytest.mark.parametrize("root", ["/mounted", "/a/b"])
def test_below_a_root_paths_are_without_it_and_built_addresses_with_it(
    web: Web, colour: Colour, root: str
) -> None:
    app = web.Flask("app")

    @app.get("/page/<x>")
    @colour
    def view(x: str) -> t.Any:
        request = web.request
        return {
            "root": request.root_path,
            "path": request.path,
            "script_root": request.script_root,
            "url": request.url,
            "built": web.url_for("view", x="y"),
            "external": web.url_for("view", x="y", _external=True),
            "root_url": request.root_url,
        }

    expected = {
        "root": root,
        "path": "/page/x",
        "script_root": root,
        "url": f"http://localhost{root}/page/x",
        "built": f"{root}/page/y",
        "external": f"http://localhost{root}/page/y",
        "root_url": f"http://localhost{root}/",
    }
    assert app.json.loads(web.wire(app, f"{root}/page/x", root_path=root).body) == expected
    assert web.client(app).get("/page/x", base_url=f"http://localhost{root}/").json == expected


def test_a_request_knows_its_rule(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    shop = web.Blueprint("shop", "app", url_prefix="/shop")

    @shop.get("/<int:item>")
    @colour
    def show(item: int) -> t.Any:
        request = web.request
        return [request.endpoint, request.url_rule.rule, request.view_args, request.blueprint]

    app.register_blueprint(shop)

    assert web.client(app).get("/shop/3").json == ["shop.show", "/shop/<int:item>", {"item": 3}, "shop"]


def test_nested_blueprints_join_their_names_and_prefixes(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    outer = web.Blueprint("outer", "app", url_prefix="/outer")
    inner = web.Blueprint("inner", "app", url_prefix="/inner")

    @inner.get("/<x>")
    @colour
    def view(x: str) -> t.Any:
        return [web.request.endpoint, web.request.blueprints, web.url_for(".view", x="y")]

    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.register_blueprint(outer, name="again", url_prefix="/again")
    client = web.client(app)

    assert client.get("/outer/inner/x").json == [
        "outer.inner.view",
        ["outer.inner", "outer"],
        "/outer/inner/y",
    ]
    assert client.get("/again/inner/x").json == [
        "again.inner.view",
        ["again.inner", "again"],
        "/again/inner/y",
    ]


def test_no_route_is_404_and_builds_nothing(web: Web) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "view", lambda: "")

    response = web.client(app).get("/nowhere")

    assert (response.status_code, response.content_type) == (404, "text/html; charset=utf-8")
    assert b"Not Found" in response.data


def test_rules_may_be_added_by_hand_to_the_map(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.url_map.add(app.url_rule_class("/made/<x>", endpoint="made"))
    app.endpoint("made")(colour(lambda x: f"made {x}"))

    assert web.client(app).get("/made/1").text == "made 1"
