"""Plan: everything that can be known before a request, worked out once.

A plan is frozen. When something it was worked out from changes, it is dropped, and the next
request compiles another, which takes over every part whose stamp is still the same.
"""
