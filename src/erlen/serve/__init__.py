"""Serve: run one request by the plan."""
