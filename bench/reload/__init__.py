"""What servers lose, and how long they keep requests waiting, while their code is replaced.

`servers` says which servers there are, and how each is told to load the code anew; `measure` serves, asks and
does four things to a server; `report` prints. The client is the tests': `tests/servers/lost`.
Run it with `python -m bench.reload`.
"""
