"""Typed views beside other frameworks: requests, and what 300 typed routes cost until the first one.

`apps` holds one application for each framework, `cases` says what is asked of them, `routes` measures
applications of 300 routes in processes of their own (`routes_process`), `report` prints.
Run it with `python -m bench.api`.
"""
