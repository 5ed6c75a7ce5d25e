"""`erlen serve`: one command that serves an application and loses no request."""
