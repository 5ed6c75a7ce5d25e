"""Blocks of nginx' configuration as text."""

from __future__ import annotations


class Block:
    """A block of directives and of further blocks; its words are quoted already."""

    def __init__(self, opening: str) -> None:
        self._opening = opening
        self._parts: list[str | Block] = []

    def add(self, directive: str, *words: str) -> None:
        """Add a directive."""
        self._parts.append(f"{' '.join((directive, *words))};")

    def comment(self, text: str) -> None:
        """Add a line of comment; *text* is no one else's."""
        self._parts.append(f"# {text}")

    def gap(self) -> None:
        """Add an empty line."""
        self._parts.append("")

    def block(self, opening: str) -> Block:
        """Add a block, after an empty line if something is before it, and return it."""
        inner = Block(opening)
        self._parts += ["", inner] if self._parts else [inner]
        return inner

    def lines(self) -> list[str]:
        """Return the lines of the block, without line breaks."""
        lines = [f"{self._opening} {{"]
        for part in self._parts:
            inner = [part] if isinstance(part, str) else part.lines()
            lines += [f"    {line}" if line else "" for line in inner]
        return [*lines, "}"]

    def __str__(self) -> str:
        return "\n".join(self.lines()) + "\n"


def bytes_or_none(number: int | None) -> str:
    """Return a limit in bytes; nginx writes 0 for none."""
    # A limit of 0 bytes has no number of its own.
    return "0" if number is None else str(max(number, 1))


def port(number: int, usual: int) -> str:
    """Return a port as it stands in a URL: nothing where it is the usual one."""
    return "" if number == usual else f":{number}"
