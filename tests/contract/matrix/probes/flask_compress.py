"""Large answers are compressed as the client takes it, streams and small ones as they should be."""

import gzip

from flask import Flask, Response
from flask_compress import Compress

app = Flask(__name__)
Compress(app)


@app.get("/large")
def large():
    return {"numbers": list(range(1000))}


@app.get("/small")
def small():
    return "small"


@app.get("/stream")
def stream():
    return Response((f"line {n}\n" for n in range(500)), mimetype="text/plain")


def talk(client):
    for path in ("/large", "/small", "/stream"):
        for coding in ("gzip", "deflate;q=0.5", "identity"):
            response = client.client.get(path, headers={"Accept-Encoding": coding})
            body = response.get_data()
            if response.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            told = response.status, response.headers.get("Content-Encoding"), response.headers.get("Vary")
            client.note(f"{path} {coding}", (*told, len(body) if coding != "deflate;q=0.5" else body[:1]))
