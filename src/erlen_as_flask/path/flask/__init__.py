"""Flask's name for finders that look through ``sys.path``: the module ``erlen`` takes this one's place."""

from erlen import alias

alias.take_name(__name__)
