"""The legacy layer."""
