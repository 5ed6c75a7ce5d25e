"""The modules that Flask had."""
