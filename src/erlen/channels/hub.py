"""The subscribers of this process, by channel."""

from __future__ import annotations

import os
import threading
import typing as t

from .subscription import Message, Subscription


class Hub:
    """The subscribers of this process, by name: messages come from any thread and go to any loop."""

    def __init__(self) -> None:
        # Tuples are replaced and never changed, so that publishing needs no lock.
        self._subscribers: dict[str, tuple[Subscription, ...]] = {}
        self._lock = threading.Lock()

    def __contains__(self, name: str) -> bool:
        """Tell whether anybody has subscribed to *name*."""
        return name in self._subscribers

    def __iter__(self) -> t.Iterator[Subscription]:
        """Iterate over all subscribers."""
        for subscriptions in list(self._subscribers.values()):
            yield from subscriptions

    def add(self, subscription: Subscription) -> None:
        """Add a subscriber."""
        with self._lock:
            known = self._subscribers.get(subscription.name, ())
            self._subscribers[subscription.name] = (*known, subscription)

    def remove(self, subscription: Subscription) -> None:
        """Remove a subscriber, if it is there."""
        name = subscription.name
        with self._lock:
            others = tuple(each for each in self._subscribers.get(name, ()) if each is not subscription)
            if others:
                self._subscribers[name] = others
            else:
                self._subscribers.pop(name, None)

    def publish(self, name: str, message: Message) -> None:
        """Deliver *message* to all subscribers of *name*; a failure of one does not affect the others."""
        for subscription in self._subscribers.get(name, ()):
            if not subscription.put(message):
                self.remove(subscription)

    def forget(self) -> None:
        """Remove all subscribers: in a forked child none of their loops runs."""
        self._lock = threading.Lock()
        self._subscribers = {}


# Channels without an address: those of the same name are the same, as they are in Redis.
in_memory = Hub()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=in_memory.forget)
