"""What changes plans and who has them: loading a contract, taking on a customer, subscribing a project."""

from __future__ import annotations

from plans.actions.customers import take_on
from plans.actions.load import Loaded, load_contract
from plans.actions.subscribe import end_subscription, order_hours, subscribe

__all__ = ["Loaded", "end_subscription", "load_contract", "order_hours", "subscribe", "take_on"]
