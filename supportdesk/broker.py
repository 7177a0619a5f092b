"""Redis as our broker: when it goes away, what it had handed out is forgotten and not missed.

The table of timers knows what is to be done, and a task that the broker loses is due again when its lease ends. kombu
would put back what was handed out and not yet acknowledged, over a connection that is no longer there; in 5.7 that
raises an AttributeError, which Celery takes for unrecoverable: the worker would end when Redis does.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis


class Channel(redis.Channel):
    do_restore = False

    def basic_ack(self, delivery_tag: Any, multiple: bool = False) -> None:
        """Of a task that ends after its connection did, there is nobody to tell."""
        if not self.closed:
            super().basic_ack(delivery_tag, multiple=multiple)


class Transport(redis.Transport):
    Channel = Channel
