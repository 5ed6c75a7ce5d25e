"""What a server with one worker on one core answers, asked by wrk from another core.

`servers` says which servers there are and how they are started, `apps` holds one application for each
framework, `processes` starts, watches and ends them, `wrk` asks, `measure` takes turns, `report` prints.
Run it with `python -m bench.served`.
"""
