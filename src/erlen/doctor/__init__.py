"""The installed extensions beside those that were tried: `erlen doctor`.

================  ==============================================================================
`matrix`          what was tried, from `matrix.json`, which `make matrix` writes
`distributions`   which of the installed distributions are extensions of Flask
`verdicts`        what the one says of the other
`surroundings`    Erlen, Python, the alias and the servers
`report`          all of it, as text and as JSON
`command`         the command
================  ==============================================================================
"""
