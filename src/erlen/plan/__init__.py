"""Plan: everything that can be known before a request, worked out once.

A plan is frozen. When something that it was compiled from changes, it is dropped, and the next
request compiles another, which takes over every part whose stamp is still the same.
"""
