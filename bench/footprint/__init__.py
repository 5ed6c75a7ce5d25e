"""What a process costs: how long the import takes, what a worker keeps in memory, whether it grows.

`imports` imports in fresh interpreters, `mix` makes many different requests, `worker` answers them in a
process of its own, `measure` asks for both in turns, `report` prints.
Run it with `python -m bench.footprint`.
"""
