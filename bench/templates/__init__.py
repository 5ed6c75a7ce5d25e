"""What templates cost on Erlen beside Jinja alone: the same sources, the same values, one process.

Each text is compared before it is timed. `python -m bench.pages` measures them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A template with what it needs: the source under the case's name, and others that it uses."""

    title: str
    sources: dict[str, str]
    values: Callable[[], dict[str, Any]]


class Row:
    """An object as a database gives it."""

    def __init__(self, number: int) -> None:
        self.id = number
        self.name = f"Name <{number}>"
        self.email = f"n{number}@example.org"
        self.price = number * 1.5
        self.text = "Hello & welcome to the shop. " * 3
        self.tags = ["red", "<green>"]
        self.author: Row | None = None


def _rows(count: int) -> list[Row]:
    rows = [Row(number) for number in range(count)]
    for row in rows:
        row.author = rows[0]
    return rows


def _dicts() -> dict[str, Any]:
    return {"rows": [vars(row) for row in _rows(100)]}


def _objects() -> dict[str, Any]:
    return {"rows": _rows(100)}


def _page() -> dict[str, Any]:
    links = [{"href": f"/{name}", "text": name.title()} for name in ("home", "shop", "about", "contact")]
    return {"rows": _rows(20), "site": "Shop & more", "links": links, "user": Row(7), "link": _link}


def _link(endpoint: str, **values: Any) -> str:
    return f"/{endpoint}/{values['id']}"


_TABLE = (
    "<table>{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.name }}</td>"
    "<td>{{ row.email }}</td><td>{{ row.price }}</td></tr>\n{% endfor %}</table>"
)
_MACROS = (
    "{% macro field(name, value='', type='text', size=20) %}"
    "<input name='{{ name }}' value='{{ value }}' type='{{ type }}' size='{{ size }}'>{% endmacro %}"
    "{% macro card(row) %}<div>{{ row.name }}{{ field(row.name, row.email) }}</div>{% endmacro %}"
)
_BASE = (
    "<html><head>{% block head %}<title>{% block title %}{% endblock %}</title>{% endblock %}</head>"
    "<body><nav>{% for item in links %}<a href='{{ item.href }}'>{{ item.text }}</a>{% endfor %}</nav>"
    "{% block body %}{% endblock %}<footer>{% block footer %}&copy; {{ site }}{% endblock %}</footer></body>"
    "</html>"
)
_MIDDLE = (
    "{% extends 'base' %}{% block body %}<main>{% block main %}{% endblock %}</main>"
    "<aside>{% block aside %}{{ user.name }}{% endblock %}</aside>{% endblock %}"
)
_CHILD = (
    "{% extends 'middle' %}{% block title %}Hello {{ user.name }}{% endblock %}"
    "{% block main %}{% for row in rows %}<p>{{ row.name }}: {{ row.text }}</p>{% endfor %}{% endblock %}"
    "{% block footer %}{{ super() }} 2026{% endblock %}"
)
_FILTERS = (
    "{% for row in rows %}{{ row.name|upper }} {{ row.text|truncate(20) }} {{ row.tags|join(', ') }} "
    "{{ row.nope|default('-') }} {% if row.id is odd %}odd{% endif %} {{ row.tags|length }} {{ row.name|e }} "
    "{% if row.nope is defined %}x{% endif %}{{ '%.2f'|format(row.price) }} {{ row.name|replace('N', 'M') }} "
    "{{ row.email|trim }}{% if user is none %}nobody{% endif %}{% endfor %}"
)
_LOOPS = (
    "{% for row in rows %}{{ loop.index }}{% if not loop.first %}, {% endif %}{{ row.id }}"
    "<i class='{{ loop.cycle('odd', 'even') }}'>{% if loop.last %}.{% endif %}{% else %}nothing{% endfor %}"
)
_CALLS = "{% for row in rows %}<a href='{{ link('show', id=row.id) }}'>{{ row.name.upper() }}</a>"
_CALLS += "{% endfor %}"
_INCLUDES = (
    "{% from 'macros.html' import field, card %}{% for row in rows %}"
    "{{ field('user', row.name, size=row.id) }}{{ card(row) }}{% include 'row.html' %}{% endfor %}"
)
_ROW = "<li>{{ row.name }} by {{ row.author.name }}: {{ row.text }}</li>"

CASES = {
    "objects": Case("100 objects", {"objects": _TABLE}, _objects),
    "dicts": Case("100 dicts", {"dicts": _TABLE}, _dicts),
    "macros": Case(
        "macros and includes", {"macros": _INCLUDES, "macros.html": _MACROS, "row.html": _ROW}, _page
    ),
    "inheritance": Case("three levels", {"inheritance": _CHILD, "middle": _MIDDLE, "base": _BASE}, _page),
    "filters": Case("filters and tests", {"filters": _FILTERS}, _page),
    "loops": Case("loop.index and others", {"loops": _LOOPS}, _page),
    "calls": Case("calls", {"calls": _CALLS}, _page),
    "text": Case("text alone", {"text": "<p>Hello</p>"}, dict),
    "line": Case("one value", {"line": "<p>Hello {{ user.name }}</p>"}, _page),
    "captured": Case(
        "set and filter blocks",
        {"captured": "{% for row in rows %}{% set x %}{{ row.name }}{% endset %}{{ x }}{% endfor %}"},
        _page,
    ),
    "unescaped": Case(
        "no escaping", {"unescaped": "{% autoescape false %}" + _TABLE + "{% endautoescape %}"}, _objects
    ),
}
