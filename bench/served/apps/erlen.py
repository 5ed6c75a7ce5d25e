from __future__ import annotations

from erlen import Erlen

app = Erlen(__name__)


@app.get("/")
def hello():
    return "Hello, World!"
