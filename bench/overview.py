"""What the README says and shows of all results at once: plain text beside pages and whole applications.

Whoever reads one figure of the first table expects it of their application. So all three are said first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .kinds import APPLICATIONS, PAGES, REQUESTS, RESULTS, Kind
from .report import ratio

Results = dict[str, dict[str, Any]]  # by the name of their kind
Group = tuple[str, list[tuple[str, float]]]
CHART = RESULTS / "overview.svg"
SHOWN = (REQUESTS, PAGES, APPLICATIONS)
PLAIN = ("hello", "json", "path", "query", "form", "404")
OF_APPLICATIONS = ("list", "item", "form")
ENGLISH = """\
Erlen answers a line of text {hello} times as fast as Flask, a redirect {redirect} times, a form that flashes
a message {post} times. The pages of whole applications come {least} to {most} times as fast from a server:
there, templates, the database and extensions have their share of the time."""
CHINESE = """\
返回一行文字，Erlen 的速度是 Flask 的 {hello} 倍；重定向是 {redirect} 倍；提交表单并闪现消息是 {post} 倍。\
完整应用的页面在服务器上是 {least} 到 {most} 倍：那里的时间有一部分花在模板、数据库和扩展上。"""


def published() -> Results | None:
    """Return the published results that are shown together, or None while one is missing."""
    if not all(kind.published.exists() for kind in SHOWN):
        return None
    return {kind.name: json.loads(kind.published.read_text()) for kind in SHOWN}


def sentence(results: Results, words: str) -> str:
    """Return what is said first about speed."""
    figures = {title: ratio(value, 1.0) for title, value in times(results, REQUESTS, PAGES)}
    served = [page["times_flask"] for page in of_applications(results)]
    least, most = (ratio(value, 1.0) for value in (min(served), max(served)))
    return words.format(**figures, least=least, most=most)


def times(results: Results, *kinds: Kind) -> Iterator[tuple[str, float]]:
    """Go through the cases that both answered, by name: how many times as fast as Flask each is."""
    for kind in kinds:
        for case in results[kind.name]["cases"]:
            took = case["microseconds"]
            if {"flask", "erlen"} <= took.keys():
                yield case["name"], took["flask"] / took["erlen"]


def of_applications(results: Results) -> Iterator[dict[str, Any]]:
    for application in results[APPLICATIONS.name]["applications"]:
        for page in application["pages"]:
            yield {**page, "application": application["title"]}


def groups(results: Results) -> list[Group]:
    """Return what the chart shows: the title of each group, and in it titles and how many times as fast."""
    titles = {
        case["name"]: case["title"] for kind in (PAGES, REQUESTS) for case in results[kind.name]["cases"]
    }
    plain = [(titles[name], value) for name, value in times(results, REQUESTS) if name in PLAIN]
    pages = [(titles[name], value) for name, value in times(results, PAGES)]
    whole = [
        (f"{page['application']}: {page['title']}", page["times_flask"])
        for page in of_applications(results)
        if page["name"] in OF_APPLICATIONS
    ]
    return [
        ("Short answers, inside the application", plain),
        ("Links, forms, sessions, templates, files, inside the application", pages),
        ("Pages of whole applications, served by granian", whole),
    ]
