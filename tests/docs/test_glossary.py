"""The glossary is in order, leads on, and its words are the ones that the pages use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .house_map import MAP
from .pages import BLOCK, CODE, DOCS, OTHERS, links_of, pages

GLOSSARY = DOCS / "reference/glossary.md"
TERMS, NAMES = GLOSSARY.read_text(encoding="utf-8").split("## The names of functions")
TERM = re.compile(r"^### (?P<term>.+)\n\n(?P<text>(?:(?!#).+\n)+)", re.MULTILINE)
NAME = re.compile(r"^\| (`.+?`) \|", re.MULTILINE)

# Words that the glossary has others for. Only those that these pages need for nothing else.
OTHER_WORDS = {
    r"errands?": "job",
    r"letter ?box(?:es)?": "caller queue",
    r"hops?": "job for a thread",
    r"guests?": "job",
    r"(?:straight|general|fast|slow) (?:path|lane)": "straight form, general form",
    r"async (?:method|function)s?": "coroutine function",
    r"sync(?:hronous)? (?:function|view|hook)s?": "plain function",
    r"threads? of the system": "native thread",
    r"stands? around": "middleware wraps it",
    r"belongs? into": "belongs in",
}


def terms() -> dict[str, str]:
    return {found["term"]: found["text"] for found in TERM.finditer(TERMS)}


def test_each_heading_is_a_term_with_a_text() -> None:
    assert len(terms()) == TERMS.count("\n### ") >= 40


def test_the_terms_are_sorted() -> None:
    assert list(terms()) == sorted(terms(), key=str.casefold)


def test_the_names_are_sorted() -> None:
    assert NAME.findall(NAMES) == sorted(NAME.findall(NAMES)) != []


@pytest.mark.parametrize("term", terms())
def test_a_term_is_explained_in_few_sentences_and_leads_to_one_page(term: str) -> None:
    sentences, link = terms()[term].rstrip().rsplit("\n", 1)
    assert re.fullmatch(r"\[[^\]]+\]\([^)]+\)", link)
    assert sentences.endswith(".")
    assert len(re.findall(r"[.:] ", sentences)) <= 3


def test_the_pages_that_the_terms_lead_to_exist() -> None:
    targets = links_of(GLOSSARY)
    assert len(targets) == len(terms())
    assert [each for each in targets if not (GLOSSARY.parent / each.partition("#")[0]).is_file()] == []


@pytest.mark.parametrize("page", [*pages(), *OTHERS], ids=lambda page: page.name)
def test_a_page_uses_the_words_of_the_glossary(page: Path) -> None:
    text = CODE.sub("", BLOCK.sub("", MAP.sub("", page.read_text(encoding="utf-8"))))
    found = {
        match[0]: instead
        for word, instead in OTHER_WORDS.items()
        for match in re.finditer(rf"\b{word}\b", text, re.IGNORECASE)
    }
    assert found == {}, "The glossary has another word for it."


def test_contributors_find_the_glossary() -> None:
    for page in (DOCS / "explanation/architecture.md", DOCS.parent / "CONTRIBUTING.md", DOCS / "index.md"):
        assert any(target.endswith("reference/glossary.md") for target in links_of(page)), page
