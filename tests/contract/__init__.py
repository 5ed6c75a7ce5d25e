"""The contract: what runs on Flask 3.1.3 runs on Erlen, unchanged.

These tests run other people's code: Flask's own suite, its tutorial, the suites of extensions, the
examples of the notes. It is fetched into `.cache/contract` (ignored by git), and runs there in an
environment of its own in which the real Flask is installed beside Erlen; each run names the one it wants.
"""
