"""Hostile requests: whatever comes in, the process lives on and the next request is answered."""
