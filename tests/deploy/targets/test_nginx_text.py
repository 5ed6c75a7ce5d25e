"""Blocks as text."""

from __future__ import annotations

from erlen.deploy.targets.nginx_text import Block, bytes_or_none, port


def test_blocks_are_indented_in_each_other() -> None:
    block = Block("server")
    block.add("listen", "80")
    block.comment("why")
    inner = block.block("location /")
    inner.add("return", "404")
    assert str(block) == (
        "server {\n    listen 80;\n    # why\n\n    location / {\n        return 404;\n    }\n}\n"
    )


def test_no_limit_is_zero_and_a_limit_of_zero_is_not() -> None:
    assert (bytes_or_none(None), bytes_or_none(0), bytes_or_none(7)) == ("0", "1", "7")


def test_the_usual_port_is_not_written() -> None:
    assert (port(443, 443), port(8443, 443)) == ("", ":8443")
