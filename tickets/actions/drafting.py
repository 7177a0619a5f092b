"""Keeping what is being written, so that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets.errors import Refused
from tickets.models import Draft, Message, ReplyDraft, Ticket
from tickets.models.reply_draft import CARRIED

MOST_DRAFTS = 10
"""Of one person; an eleventh takes the place of the oldest."""
KEPT_FOR = timedelta(days=30)
OVERTAKEN = timedelta(minutes=5)
"""How much later than its sending a save of the same text may arrive, to be recognised as that."""
OF_ITS_PAGE = ("seen", "send")
"""Fields of a composer that mean something on its own page only."""
REPLY, NOTE = "reply", "note"
LARGEST = 8 * 1024 * 1024
"""Bytes: more than any ticket takes, so that a text too long for one is kept while it is being cut."""


@transaction.atomic
def save_draft(*, by: Membership, at: datetime, submission: UUID, content: Mapping[str, Sequence[str]]) -> Draft | None:
    """Keeps what stands in the form, in place of what stood there before.

    None when the form was filed meanwhile (a save may arrive after the sending), or when nothing was written.
    Raises Refused above ``LARGEST``.
    """
    kept = _kept(content)
    if not (kept.get("subject") or kept.get("body")) or Ticket.objects.filter(submission=submission).exists():
        return None
    draft, _made = Draft.objects.update_or_create(
        person=by, submission=submission, defaults={"content": kept, "saved_at": at}
    )
    Draft.objects.of(by).filter(saved_at__lt=at - KEPT_FOR).delete()
    beyond = list(Draft.objects.of(by).values_list("pk", flat=True)[MOST_DRAFTS:])
    if beyond:
        Draft.objects.filter(pk__in=beyond).delete()
    return draft


def discard_draft(*, by: Membership, submission: UUID) -> bool:
    """Whether there was one to forget. Nobody discards another's."""
    count, _by_model = Draft.objects.of(by).filter(submission=submission).delete()
    return count > 0


@transaction.atomic
def save_reply_draft(
    ticket: Ticket, *, by: Membership, at: datetime, content: Mapping[str, Sequence[str]]
) -> ReplyDraft | None:
    """Keeps what stands in this person's composer, in place of what stood there before.

    None when nothing is written (any more), or when this very text was sent meanwhile: a save may arrive after the
    sending. Raises Refused above ``LARGEST``.
    """
    kept = _kept(content)
    text = "".join(kept.get("body", ())).strip()
    if not text or _is_sent(ticket, text, by, at):
        discard_reply_draft(ticket, by=by)
        return None
    draft, _made = ReplyDraft.objects.update_or_create(
        ticket=ticket, person=by, defaults={"content": kept, "saved_at": at}
    )
    return draft


def discard_reply_draft(ticket: Ticket, *, by: Membership) -> None:
    """Forgets what this person was writing on the ticket: it is sent, or taken back."""
    ReplyDraft.objects.filter(ticket=ticket, person=by).delete()


@transaction.atomic
def carry_reply_draft(
    ticket: Ticket, *, to: Ticket, by: Membership, at: datetime, content: Mapping[str, Sequence[str]]
) -> bool:
    """What stands in this person's composer on ``ticket``, which was merged, becomes their draft on ``to``. What they
    had begun there stays, above it. Whether the two are of one kind: of two kinds they become an internal note, which
    reaches no customer unless somebody decides so.

    Raises Refused above ``LARGEST``.
    """
    carried = _kept({name: values for name, values in content.items() if name not in OF_ITS_PAGE})
    text, kind = _text_of(carried), _kind_of(carried)
    if not text:
        return True
    there = ReplyDraft.objects.select_for_update().filter(ticket=to, person=by).first()
    begun = _text_of(there.content) if there is not None else ""
    is_one_kind = there is None or not begun or _kind_of(there.content) == kind
    if begun and not begun.endswith(text):
        text = f"{begun}\n\n{text}"
    elif begun:
        text = begun
    joined = carried | {"body": [text], CARRIED: [str(ticket.number)]}
    if not is_one_kind:
        joined |= {"kind": [NOTE], "written_as": [NOTE]}
    save_reply_draft(to, by=by, at=at, content=joined)
    if to.pk != ticket.pk:
        discard_reply_draft(ticket, by=by)
    return is_one_kind


def reply_draft(ticket: Ticket) -> ReplyDraft | None:
    """What the person of ``with_draft_of`` has left unsent on the ticket. No query."""
    saved_at = getattr(ticket, "draft_saved_at", None)
    content = getattr(ticket, "draft_content", None)
    return ReplyDraft(ticket=ticket, content=content, saved_at=saved_at) if saved_at else None


def _kept(content: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    kept = {name: [each.replace("\0", "") for each in values] for name, values in content.items() if any(values)}
    if len(json.dumps(kept)) > LARGEST:
        raise Refused(_("This is too long to be kept as a draft. Attach long logs as files."), field="body")
    return kept


def _text_of(content: Mapping[str, Sequence[str]]) -> str:
    return "".join(content.get("body", ())).replace("\r\n", "\n").strip()


def _kind_of(content: Mapping[str, Sequence[str]]) -> str:
    return next(iter(content.get("kind", ())), REPLY)


def _is_sent(ticket: Ticket, text: str, by: Membership, at: datetime) -> bool:
    sent = Message.objects.filter(ticket=ticket, author=by, created_at__gte=at - OVERTAKEN)
    return any(_same_text(each, text) for each in sent.order_by("-pk").values_list("body", flat=True)[:3])


def _same_text(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but how their lines end and what surrounds them."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
