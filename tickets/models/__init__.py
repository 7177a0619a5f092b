from tickets.models.attachment import Attachment
from tickets.models.bulk_change import BulkChange, BulkItem
from tickets.models.callback import Callback
from tickets.models.canned_response import CannedResponse
from tickets.models.conference import Conference
from tickets.models.draft import Draft
from tickets.models.event import Event
from tickets.models.external_issue import ExternalIssue
from tickets.models.follower import Follower
from tickets.models.link import Link
from tickets.models.macro import Macro
from tickets.models.mention import Mention
from tickets.models.message import Message
from tickets.models.presence import Presence
from tickets.models.rating import Rating
from tickets.models.reply_draft import ReplyDraft
from tickets.models.saved_view import RailOrder, SavedView
from tickets.models.scope_decision import ScopeDecision
from tickets.models.search_entry import SearchEntry
from tickets.models.tag import Tag, TicketTag
from tickets.models.ticket import Ticket
from tickets.models.time_entry import RunningTimer, TimeEntry

__all__ = [
    "Attachment",
    "BulkChange",
    "BulkItem",
    "Callback",
    "CannedResponse",
    "Conference",
    "Draft",
    "Event",
    "ExternalIssue",
    "Follower",
    "Link",
    "Macro",
    "Mention",
    "Message",
    "Presence",
    "RailOrder",
    "Rating",
    "ReplyDraft",
    "RunningTimer",
    "SavedView",
    "ScopeDecision",
    "SearchEntry",
    "Tag",
    "Ticket",
    "TicketTag",
    "TimeEntry",
]
