"""Serve: run one request, reading the plan."""
