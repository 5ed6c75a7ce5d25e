"""The same answer from each framework, written in its own usual way. Each module has an `app`."""
