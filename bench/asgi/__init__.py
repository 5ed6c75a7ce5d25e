"""What one request costs inside an ASGI application, beside other frameworks, in one process.

The requests and the answers that must come are those of `bench.cases`. `apps` holds one application for each
framework, `server` is the server's side, `plain` measures views that run in threads, `report` prints.
Run it with `python -m bench.asgi`.
"""
