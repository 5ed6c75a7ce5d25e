from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from ...apps.work import FURTHER_RULES, HELLO, ITEM


async def hello(request: Request):
    return PlainTextResponse(HELLO)


async def json_out(request: Request):
    return JSONResponse(ITEM)


async def user(request: Request):
    return PlainTextResponse(f"user {request.path_params['uid'] + 1}")


async def json_in_and_out(request: Request):
    data = await request.json()
    return JSONResponse({"name": data["name"], "sum": sum(data["numbers"])})


def plain(request: Request):
    return PlainTextResponse(HELLO)


async def a_list(request: Request):
    return PlainTextResponse("list")


async def an_item(request: Request):
    return PlainTextResponse("item")


VIEWS = [
    Route("/hello", hello),
    Route("/json", json_out),
    Route("/users/{uid:int}", user),
    Route("/sum", json_in_and_out, methods=["POST"]),
]
FURTHER = [
    route
    for number in range(FURTHER_RULES // 2)
    for route in (Route(f"/further/{number}", a_list), Route(f"/further/{number}/{{item:int}}", an_item))
]
# What a thread costs is asked of it; what the search for a rule costs is asked of the others.
PLAIN = Route("/plain", plain)


def make_app() -> Starlette:
    return Starlette(routes=[PLAIN, *FURTHER, *VIEWS])
