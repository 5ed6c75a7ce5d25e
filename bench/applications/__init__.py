"""What whole applications answer, on Flask and on Erlen by the same text, and where the time goes.

`sites` says which applications there are and what is asked of them, `client` fills and asks them, `worker` is
a process that holds one of them, `served` is what granian loads, `sampling` tells the parts of the time,
`database` makes SQLite's part visible, `measure` takes turns, `report` prints, `chart` draws.
Run it with `python -m bench.applications`; `make bench-applications` installs what it needs.
"""
