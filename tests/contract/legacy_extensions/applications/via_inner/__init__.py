"""A blueprint of its own for `via_routes.py`."""
