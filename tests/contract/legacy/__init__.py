"""Applications written for Flask 1.1, on Flask 1.1.4 and on Erlen with the legacy layer."""
