"""What a process costs: how long import and first answer take, how much memory, and whether that grows.

`imports` imports in fresh interpreters, `first_answer` starts an application and asks it once, `mix` makes
many different requests, `worker` answers them in a process of its own, `measure` asks for all of it in turns,
`report` prints.
Run it with `python -m bench.footprint`.
"""
