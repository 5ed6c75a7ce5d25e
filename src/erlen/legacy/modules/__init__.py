"""Modules that Flask had, each with what was in it. Importing one warns."""
