"""The document is made at the first request, and has an ETag."""

from erlen import Erlen
from erlen.api import Api
from erlen.api.document import serving


def application() -> Erlen:
    app = Erlen("app", static_folder=None)
    Api(app)

    @app.get("/")
    def show(size: int = 1) -> list[int]:
        return [size]

    return app


def test_it_is_made_once(way: str, monkeypatch: object) -> None:
    client = application().test_client(protocol=way)
    first, second = client.get("/openapi.json"), client.get("/openapi.json")
    assert first.mimetype == "application/json"
    assert first.data == second.data
    assert list(first.json["paths"]) == ["/"]


def test_a_known_document_is_not_sent_again(way: str) -> None:
    client = application().test_client(protocol=way)
    etag = client.get("/openapi.json").headers["ETag"]
    again = client.get("/openapi.json", headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert client.get("/openapi.json", headers={"If-None-Match": '"other"'}).status_code == 200


def test_it_says_where_its_paths_begin(way: str) -> None:
    client = application().test_client(protocol=way)
    above = client.get("/openapi.json")
    below = client.get(
        "/openapi.json", environ_overrides={"SCRIPT_NAME": "/deep/er \u00e9".encode().decode("latin1")}
    )
    assert "servers" not in above.json
    assert list(below.json) == ["openapi", "info", "servers", "paths", "components"]
    assert below.json["servers"] == [{"url": "/deep/er%20%C3%A9"}]
    assert below.headers["ETag"] != above.headers["ETag"]
    assert client.get("/openapi.json").data == above.data


def test_it_is_written_so_that_differences_are_lines() -> None:
    assert serving.as_bytes({"a": {"b": 1}}) == b'{\n  "a": {\n    "b": 1\n  }\n}\n'
