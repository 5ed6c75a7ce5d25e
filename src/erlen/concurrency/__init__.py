"""Concurrency: threads and event loops, the ways between them, and the context variables that go along."""
