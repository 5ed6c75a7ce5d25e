"""Gateway: translate a server's protocol. Nothing is decided here."""
