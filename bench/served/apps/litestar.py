from __future__ import annotations

from litestar import Litestar, MediaType, get


@get("/", media_type=MediaType.HTML)
async def hello() -> str:
    return "Hello, World!"


app = Litestar([hello])
