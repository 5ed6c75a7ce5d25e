"""The same scenarios through WSGI and through ASGI, with real Flask beside them."""
