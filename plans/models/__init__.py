from plans.models.calendar import Calendar, CalendarVersion
from plans.models.category import Category
from plans.models.contract_version import ContractVersion
from plans.models.offering import Offering
from plans.models.plan import Plan, PlanVersion
from plans.models.priority import Priority, PriorityScheme
from plans.models.status_label import StatusLabel
from plans.models.subscription import Subscription
from plans.models.target import Target

__all__ = [
    "Calendar",
    "CalendarVersion",
    "Category",
    "ContractVersion",
    "Offering",
    "Plan",
    "PlanVersion",
    "Priority",
    "PriorityScheme",
    "StatusLabel",
    "Subscription",
    "Target",
]
