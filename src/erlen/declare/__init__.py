"""Declare: what the application says about itself while it is set up.

Mutable tables in Flask's public shapes, and the decorators that fill them. Nothing is decided
here; ``erlen.plan`` works out what the tables mean.
"""
