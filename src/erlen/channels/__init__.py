"""Broadcast channels: each subscriber receives what is published, in this process or over Redis.

``channel`` is what an application uses, ``subscription`` one subscriber's queue, ``hub`` the list of
subscribers in this process, ``over_redis`` the connection to other processes.
"""

from __future__ import annotations

from .channel import Channel as Channel
from .subscription import SlowSubscriberError as SlowSubscriberError
from .subscription import Subscription as Subscription
