"""Where PyInstaller finds what it has to know about Erlen; the entry point ``pyinstaller40`` names it."""

from __future__ import annotations


def hook_folders() -> list[str]:
    """Return the folders in which PyInstaller looks for files ``hook-NAME.py``."""
    return list(__path__)
