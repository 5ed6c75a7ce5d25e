"""Names and behaviour of Flask 1.1 to 2.2, on request."""
