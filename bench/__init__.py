"""What one request costs inside the application, beside other frameworks, in one process.

`cases` says what is asked and what must come back, `apps` holds one application for each framework, `wsgi` is
the server's side, `measure` takes the times, `machine` says where, `report` prints them.
Run it with `python -m bench`.
"""
