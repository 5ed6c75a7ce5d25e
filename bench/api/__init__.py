"""Typed views beside other frameworks."""
