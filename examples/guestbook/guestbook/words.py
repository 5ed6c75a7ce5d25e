"""Small lists that sample messages are drawn from."""

from __future__ import annotations

import random

NAMES = [
    "Ada", "Amir", "Beatriz", "Chidi", "Chiyo", "Elif", "Emil", "Greta", "Ines", "Jonas", "Kofi", "Lin Yue",
    "Maja", "Mateo", "Nadia", "Oskar", "Priya", "Rosa", "Sami", "Tomás", "Wei", "Yuki", "Zoë", "王小明",
]  # fmt: skip

GREETINGS = [
    "Hello from",
    "Warm greetings from",
    "Passing through from",
    "A rainy evening in",
    "Good morning from",
]

PLACES = ["Accra", "Bergen", "Chengdu", "Erlangen", "Kyoto", "Lima", "Lisbon", "Montréal", "Pune", "Tartu"]

SENTENCES = [
    "What a friendly little corner of the web.",
    "I only came to read, and now I am writing too.",
    "The coffee was excellent and the talk even better.",
    "My daughter chose the colours of this message in her head.",
    "We will come back in spring, when the trees are green.",
    "I shook it quite hard. Nothing was spilled.",
    "Found this by accident and stayed for an hour.",
    "Say hello to the cat from me.",
    "It loads faster than I can blink.",
    "Somebody should print this book one day.",
    "This is my first entry in a guestbook since 1999.",
    "谢谢你们，祝一切顺利！",
]


def name() -> str:
    return random.choice(NAMES)


def body() -> str:
    sentences = random.sample(SENTENCES, random.randint(1, 3))
    if random.random() < 0.5:
        sentences.insert(0, f"{random.choice(GREETINGS)} {random.choice(PLACES)}.")
    return " ".join(sentences)
