"""Who does something about a contract as soon as a person has loaded it, and says in a line what was done.

The worker does the same when the new versions take effect; this is for those who wait and want to see it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from supportdesk.accounts.models import Vendor

Follower = Callable[[Vendor, datetime], str]

followers: list[Follower] = []
"""Called in order, outside any transaction; filled once, by ``supportdesk/wiring.py``."""
