"""Signpost: Flask's import paths for the parts of an application that do no input or output."""
