from tickets.models.attachment import Attachment
from tickets.models.event import Event
from tickets.models.message import Message
from tickets.models.ticket import Ticket

__all__ = ["Attachment", "Event", "Message", "Ticket"]
