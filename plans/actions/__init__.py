"""What changes plans: loading a contract, subscribing a project."""

from __future__ import annotations

from plans.actions.load import Loaded, load_contract
from plans.actions.subscribe import end_subscription, subscribe

__all__ = ["Loaded", "end_subscription", "load_contract", "subscribe"]
