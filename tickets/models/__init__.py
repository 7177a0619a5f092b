from tickets.models.attachment import Attachment
from tickets.models.callback import Callback
from tickets.models.draft import Draft
from tickets.models.event import Event
from tickets.models.follower import Follower
from tickets.models.message import Message
from tickets.models.rating import Rating
from tickets.models.search_entry import SearchEntry
from tickets.models.ticket import Ticket

__all__ = ["Attachment", "Callback", "Draft", "Event", "Follower", "Message", "Rating", "SearchEntry", "Ticket"]
