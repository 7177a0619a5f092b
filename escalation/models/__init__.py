from escalation.models.assignment_rule import AssignmentRule, Method
from escalation.models.feed import Feed
from escalation.models.override import Override
from escalation.models.page import Page, PageLink, PageState
from escalation.models.rota import Layer, Participant, Rota, RotaVersion, Unit
from escalation.models.swap import Swap, SwapState
from escalation.models.time_off import TimeOff

__all__ = [
    "AssignmentRule",
    "Feed",
    "Layer",
    "Method",
    "Override",
    "Page",
    "PageLink",
    "PageState",
    "Participant",
    "Rota",
    "RotaVersion",
    "Swap",
    "SwapState",
    "TimeOff",
    "Unit",
]
