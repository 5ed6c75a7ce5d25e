"""An application may answer faults with a model of its own, in its scope and in the document."""

import typing as t
from typing import Annotated, Literal

import msgspec
import pytest
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from erlen import Blueprint, Erlen, Response, abort, redirect
from erlen.api import Api, Bearer, InvalidRequest, SetupError
from tests.api.conftest import Served
from tests.protocols.web import COROUTINE, Colour

openapi_spec_validator = pytest.importorskip("openapi_spec_validator")


class Place(msgspec.Struct):
    name: str
    why: str


class Error(msgspec.Struct):
    code: str
    fields: list[Place] = []


class Failure(msgspec.Struct):
    error: Error


class DetailedFailure(Failure):
    stack: str = "secret"


class Order(msgspec.Struct):
    id: int
    size: int


def fail(error: HTTPException) -> Failure:
    faults = error.faults if isinstance(error, InvalidRequest) else []
    places = [Place(f"{fault.where}:{fault.at}", fault.detail) for fault in faults]
    return DetailedFailure(Error(error.name.lower().replace(" ", "_"), places))


def login(token: Annotated[str, Bearer()]) -> Order:
    return Order(1, 1)


def take(order: Order, size: int = 1) -> list[int]:
    if order.size > 10:
        abort(409, "Too many.")
    if order.size > 5:
        raise ServiceUnavailable(retry_after=60)
    return [size]


@pytest.fixture
def served(way: str, colour: Colour) -> Served:
    """Have an Api whose model is made by a function of the colour of the views."""
    served = Served(way, colour)
    served.api.problem(colour(fail))
    served.add("/orders", take, ["POST"])
    served.add("/orders/<int:oid>", _show)
    served.add("/me", login)
    return served


def _show(oid: int) -> Order:
    abort(404)


def test_every_fault_of_a_request_is_in_the_model(served: Served) -> None:
    response = served.ask("/orders?size=x", "POST", json={"id": 1})
    assert (response.status_code, response.content_type) == (422, "application/json")
    error = response.json["error"]
    assert error["code"] == "unprocessable_entity"
    assert [field["name"] for field in error["fields"]] == ["query:size", "body:/size"]


@pytest.mark.parametrize(
    ("path", "method", "options", "status", "code"),
    [
        ("/orders", "POST", {"data": b"{", "content_type": "application/json"}, 400, "bad_request"),
        ("/orders", "POST", {"data": b"x", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ("/orders", "POST", {"json": {"id": 1, "size": 11}}, 409, "conflict"),
        ("/orders", "GET", {}, 405, "method_not_allowed"),
        ("/orders/1", "GET", {}, 404, "not_found"),
        ("/nowhere", "GET", {}, 404, "not_found"),
        ("/me", "GET", {}, 401, "unauthorized"),
    ],
)
def test_so_is_every_other_error(
    served: Served, path: str, method: str, options: t.Any, status: int, code: str
) -> None:
    response = served.ask(path, method, **options)
    assert (response.status_code, response.content_type) == (status, "application/json")
    assert response.json == {"error": {"code": code, "fields": []}}


def test_a_body_over_the_limit_too(served: Served) -> None:
    served.app.config["MAX_CONTENT_LENGTH"] = 5
    assert served.ask("/orders", "POST", json={"id": 1, "size": 1}).json["error"]["code"] == (
        "request_entity_too_large"
    )


def test_an_exception_that_nobody_handles_too(served: Served) -> None:
    def broken() -> Order:
        raise RuntimeError("secret")

    served.add("/broken", broken)
    response = served.ask("/broken")
    assert (response.status_code, response.json["error"]["code"]) == (500, "internal_server_error")
    assert "secret" not in response.text


def test_the_headers_of_exceptions_are_kept(served: Served) -> None:
    assert set(served.ask("/orders").headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert served.ask("/me").headers["WWW-Authenticate"] == "Bearer realm=api"
    response = served.ask("/orders", "POST", json={"id": 1, "size": 6})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")


def test_responses_and_redirects_stay_as_they_are(served: Served) -> None:
    def own() -> Order:
        abort(Response("own", 418))

    def away() -> Order:
        abort(redirect("/orders"))

    served.add("/own", own)
    served.add("/away", away)
    served.add("/strict/", login, endpoint="strict")
    assert served.ask("/own").text == "own"
    assert (served.ask("/away").status_code, served.ask("/strict").status_code) == (302, 308)


@pytest.mark.parametrize("kind", [422, InvalidRequest])
def test_handlers_of_the_application_come_first(served: Served, kind: t.Any) -> None:
    served.app.register_error_handler(kind, lambda error: ("own", 422))
    assert served.ask("/orders", "POST", json={}).text == "own"
    assert served.ask("/nowhere").json == {"error": {"code": "not_found", "fields": []}}


def test_so_does_one_for_all_that_was_registered_before(way: str) -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)
    app.register_error_handler(HTTPException, lambda error: ("own", error.code))
    api.problem(fail)
    assert app.test_client(protocol=way).get("/nowhere").text == "own"


def test_the_media_type_may_be_another(way: str, colour: Colour) -> None:
    served = Served(way, colour)

    @served.api.problem(media_type="application/vnd.shop.error+json")
    def failure(error: HTTPException) -> dict[str, str]:
        return {"error": error.name}

    response = served.ask("/nowhere")
    assert response.content_type == "application/vnd.shop.error+json"
    assert response.json == {"error": "Not Found"}
    assert callable(failure)


def test_a_blueprint_has_its_own(way: str, colour: Colour) -> None:
    app = Erlen("app", static_folder=None)
    Api(app, document=None)
    shop = Blueprint("shop", "app", url_prefix="/shop")
    api = Api(shop)
    api.problem(colour(fail))
    shop.add_url_rule("/orders/<int:oid>", "show", colour(_show))
    app.register_blueprint(shop)
    client = app.test_client(protocol=way)
    assert client.get("/shop/orders/1").json == {"error": {"code": "not_found", "fields": []}}
    assert client.get("/nowhere").mimetype == "application/problem+json"
    answer = api.document(app)["paths"]["/shop/orders/{oid}"]["get"]["responses"]["404"]
    assert sorted(answer["content"]) == ["application/json", "text/html"]


def test_what_the_function_does_not_declare_is_an_error(way: str) -> None:
    served = Served(way, COROUTINE)

    @served.api.problem
    def either(error: HTTPException) -> Failure | Place:
        return Place("500", "") if error.code == 500 else None  # type: ignore[return-value]

    response = served.ask("/nowhere")
    assert (response.status_code, response.json["name"]) == (500, "500")


def test_it_may_return_a_response_in_spite_of_its_annotation(way: str, colour: Colour) -> None:
    served = Served(way, colour)

    def own(error: HTTPException) -> Failure:
        return Response("own", 418)  # type: ignore[return-value]

    served.api.problem(colour(own))
    assert (served.ask("/nowhere").status_code, served.ask("/nowhere").text) == (418, "own")


# the document


def test_the_document_has_the_model_in_the_place_of_problems(served: Served) -> None:
    document = served.api.document()
    openapi_spec_validator.validate(document)
    assert list(document["components"]["schemas"]) == ["Error", "Failure", "Order", "Place"]
    for path, method, statuses in (
        ("/orders", "post", ["400", "413", "415", "422"]),
        ("/orders/{oid}", "get", ["404"]),
        ("/me", "get", ["401"]),
    ):
        responses = document["paths"][path][method]["responses"]
        assert [status for status in responses if status != "200"] == statuses
        for status in statuses:
            assert responses[status]["content"] == {
                "application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}
            }


def test_an_answer_that_the_view_declares_itself_stands_beside_it() -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)
    api.problem(fail)

    @app.get("/orders/<int:oid>")
    def order(oid: int) -> Order | tuple[Place, Literal[404]]:
        raise NotImplementedError

    content = api.document()["paths"]["/orders/{oid}"]["get"]["responses"]["404"]["content"]
    references = [f"#/components/schemas/{name}" for name in ("Place", "Failure")]
    assert content == {"application/json": {"schema": {"anyOf": [{"$ref": each} for each in references]}}}


# errors at set-up


def _text(error: HTTPException) -> str: ...
def _nothing(error: HTTPException) -> None: ...
def _unannotated(error): ...  # type: ignore[no-untyped-def]
def _anything(error: HTTPException) -> t.Any: ...
def _any_dict(error: HTTPException) -> dict: ...  # type: ignore[type-arg]
def _response(error: HTTPException) -> Response: ...
def _with_status(error: HTTPException) -> tuple[Failure, Literal[422]]: ...
def _with_any_status(error: HTTPException) -> tuple[Failure, int]: ...
def _lines(error: HTTPException) -> t.Iterator[Failure]: ...
def _perhaps(error: HTTPException) -> Failure | None: ...
def _unresolved(error: HTTPException) -> "Nowhere": ...  # type: ignore[name-defined]  # noqa: F821
def _no_parameter() -> Failure: ...
def _two_parameters(error: HTTPException, other: int) -> Failure: ...


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_text, "which model it answers with"),
        (_nothing, "which model it answers with"),
        (_unannotated, "which model it answers with"),
        (_anything, "which model it answers with"),
        (_any_dict, "which model it answers with"),
        (_response, "which model it answers with"),
        (_with_status, "Status and headers are those of the exception"),
        (_with_any_status, "Status and headers are those of the exception"),
        (_lines, "which model it answers with"),
        (_perhaps, "which model it answers with"),
        (_unresolved, "of _unresolved cannot be resolved: 'Nowhere'"),
        (_no_parameter, "has to take the HTTP exception"),
        (_two_parameters, "has to take the HTTP exception"),
    ],
)
def test_a_function_that_names_no_model_is_an_error_at_once(function: t.Any, message: str) -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)
    with pytest.raises(SetupError, match=message):
        api.problem(function)


@pytest.mark.parametrize("media_type", ["json", "application/json\r\nX: y", "application/jsön"])
def test_so_is_a_media_type_that_is_none(media_type: str) -> None:
    app = Erlen("app", static_folder=None)
    api = Api(app)
    with pytest.raises(SetupError, match="is no media type"):
        api.problem(media_type=media_type)(fail)


def test_there_is_one_model_and_only_where_there_are_problems() -> None:
    app, without = Erlen("app", static_folder=None), Erlen("without", static_folder=None)
    api = Api(app)
    assert api.problem(fail) is fail
    with pytest.raises(SetupError, match=r"Two functions make the problems of .*: fail and fail"):
        api.problem(fail)
    with pytest.raises(SetupError, match="problems=False"):
        Api(without, problems=False).problem(fail)


def test_a_union_of_models_is_several_schemas(way: str) -> None:
    served = Served(way, COROUTINE)

    @served.api.problem
    def either(error: HTTPException) -> Failure | Place:
        return Place("a", "b") if error.code == 404 else fail(error)

    served.add("/orders", take, ["POST"])
    assert served.ask("/nowhere").json == {"name": "a", "why": "b"}
    assert served.ask("/orders").json == {"error": {"code": "method_not_allowed", "fields": []}}
    schema = served.api.document()["paths"]["/orders"]["post"]["responses"]["422"]["content"]
    assert len(schema["application/json"]["schema"]["anyOf"]) == 2
