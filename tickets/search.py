"""Finding tickets by what they say: subject, messages and the names of files, of what the reader may read; at the desk
also by who asked, their organization, and tags.

Every word must be there, or begin so; where nothing has them all, subjects that are alike are offered. Internal notes
are in another column that customers' searches never ask, so that they cannot even be guessed at by counting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchVector, TrigramWordSimilarity
from django.db import connection
from django.db.models import FloatField, Q, Value
from django.db.models.functions import Least
from markupsafe import Markup, escape

from supportdesk.accounts.models import Membership, Organization
from supportdesk.knowledge.search import ALIKE, SHORTEST_MISSPELT, any_of, as_markup, words_of
from supportdesk.knowledge.text import START, STOP
from tickets.models import Attachment, Message, Tag, Ticket
from tickets.models.ticket import TicketQuerySet

LANGUAGE = "english"
MOST_MATCHES = 2000
MOST_SHOWN = 30
ENOUGH = 60
"""When so many of the latest tickets fit, older ones are not asked for any more."""
MOST_NAMED = 20
"""So many people, customers and tags may a word mean."""
LATEST = 3000
"""Of so many of the latest tickets the subjects are compared where no words fit: a guess is worth no more reading."""
WINDOWS = (500, 5_000, 50_000)
"""So many of the latest tickets are asked first, then all. The first few are read one by one: of a word that most
tickets have the index would list them all."""
FEW = 2_000
"""A vendor's tickets that are no more than these are all read one by one: the index lists other vendors' too."""

MARKS: Any = {"config": LANGUAGE, "start_sel": START, "stop_sel": STOP}


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket with its subject and the best place in it as safe HTML, the words found in ``<mark>``. ``in_file``: the
    place is a file's name."""

    ticket: Ticket
    subject: Markup
    excerpt: Markup
    in_file: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """The best first. ``is_guess``: nothing has all words, these are alike. ``is_cut``: there are more."""

    found: tuple[Found, ...] = ()
    is_guess: bool = False
    is_cut: bool = False


def search(text: str, *, who: Membership, among: TicketQuerySet | None = None) -> Results:
    """What this person finds; ``among``: of these tickets only. Nothing for a text without letters or digits."""
    words = words_of(text)
    if not words:
        return Results()
    visible = Ticket.objects.visible_to(who) if among is None else among.visible_to(who)
    everything = who.is_staff_side and among is None
    ranked = _matches(words, who, among=None if everything else visible, enough=ENOUGH)
    is_guess = not ranked
    if is_guess:
        ranked = _alike(words, visible)
    shown = ranked[:MOST_SHOWN]
    return Results(tuple(_drawn(shown, words, who)), is_guess and bool(shown), len(ranked) > MOST_SHOWN)


def matching(text: str, *, who: Membership) -> list[int]:
    """The ids of tickets that have every word of a text, for a condition, the latest ``MOST_MATCHES`` of them; whether
    they are visible is for the caller."""
    words = words_of(text)
    return _matches(words, who, among=None, enough=MOST_MATCHES, is_ranked=False) if words else []


def _matches(
    words: Sequence[str], who: Membership, *, among: TicketQuerySet | None, enough: int, is_ranked: bool = True
) -> list[int]:
    """The ids of the scope's tickets that have every word, the best first (or the latest), by index.

    A word that very many tickets have says little, and to rank all of them would take long: the latest are asked first,
    and earlier ones as long as fewer than ``enough`` are found. ``words`` hold letters and digits alone, so that
    quoting them is enough.
    """
    column = "whole" if who.is_staff_side else "public"
    scope = f"'§v{who.vendor_id}'" if who.is_staff_side else f"'§o{who.organization_id}'"
    named = _named(words) if who.is_staff_side else {}
    condition, values = "", ()  # type: tuple[str, tuple[Any, ...]]
    if among is not None:
        subquery, values = among.order_by().values("pk").query.sql_with_params()
        condition = f"AND ticket_id IN ({subquery})"
    rank = f"ts_rank({column}, %s::tsquery) DESC, " if is_ranked else ""
    found: list[int] = []
    with connection.cursor() as cursor, _asking(column, scope, words, named) as queries:
        for query, first, one_by_one in _rounds(queries, _beginnings()):
            cursor.execute(
                "SELECT set_config(%s, %s, true), set_config('enable_bitmapscan', %s, true)",
                [f"app.search_{column}", query, "off" if one_by_one else "on"],
            )
            cursor.execute(
                f"SELECT ticket_id FROM tickets_searchentry "  # noqa: S608 (our own)
                f"WHERE vendor_id = %s AND ticket_id >= %s {condition} ORDER BY {rank}ticket_id DESC LIMIT %s",
                [who.vendor_id, first, *values, *([query] if is_ranked else []), MOST_MATCHES],
            )
            found = [pk for (pk,) in cursor.fetchall()]
            if len(found) >= enough:
                break
    return found


def _rounds(queries: Sequence[str], beginnings: Sequence[int]) -> Iterator[tuple[str, int, bool]]:
    """What is asked, from which ticket on, and whether they are read one by one: the latest few first; then all with
    whole words but for the last, which the index can skip through however common one of them is; then beginnings too,
    for which it reads everything that begins so."""
    if not queries:
        return
    *whole, beginning = queries
    yield beginning, beginnings[0], True
    for query in (*whole, beginning):
        for first in beginnings[1:]:
            yield query, first, False


def _beginnings() -> list[int]:
    """With which ticket each round of the search begins, at last with the first. Two queries, or one where there are
    few tickets; numbers count a vendor's tickets, so that none need be skipped."""
    last = Ticket.objects.order_by("-number").values_list("number", flat=True).first() or 0
    numbers = [last - window for window in WINDOWS if window < last] if last > FEW else []
    ids = dict(Ticket.objects.filter(number__in=numbers).values_list("number", "pk")) if numbers else {}
    return [*(ids[number] for number in numbers if number in ids), 0]


def _named(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word the lexemes of the people, customers and tags of which it begins a name. One query."""
    kinds = (
        ("§p", Membership.objects.filter(organization__isnull=False), "user__name", "user__email"),
        ("§o", Organization.objects.all(), "name", "slug"),
        ("§t", Tag.objects.all(), "name", "slug"),
    )
    asked: list[Any] = []
    for word in words:
        for sign, rows, *columns in kinds:
            begins = Q()
            for column in columns:
                begins |= Q((f"{column}__iregex", rf"\m{word}"))
            found = rows.filter(begins).order_by().values_list(Value(word), Value(sign), "pk")
            asked.append(found[:MOST_NAMED])
    first, *rest = asked
    named: dict[str, list[str]] = {}
    for word, sign, pk in first.union(*rest, all=True):
        named.setdefault(word, []).append(f"{sign}{pk}")
    return named


@contextmanager
def _asking(
    column: str, scope: str, words: Sequence[str], named: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, ...]]:
    """Ready to put questions where the table's policy reads them, for the statements inside; answers them as tsqueries,
    the narrowest first, none when nothing is left to ask. The planner cannot know how much a setting matches and would
    rather read the whole table: it is told not to."""
    setting = f"app.search_{column}"
    with connection.cursor() as cursor:
        beginning = _tsquery(cursor, scope, words, named)
        whole = _tsquery(cursor, scope, words, named, whole_words=True) if len(words) > 1 else ""
        cursor.execute("SELECT set_config('enable_seqscan', 'off', true)")
        try:
            yield tuple(query for query in (whole, beginning) if query)
        finally:
            if not connection.needs_rollback:
                cursor.execute(
                    "SELECT set_config(%s, '', true), set_config('enable_seqscan', 'on', true), "
                    "set_config('enable_bitmapscan', 'on', true)",
                    [setting],
                )


def _tsquery(
    cursor: Any, scope: str, words: Sequence[str], named: Mapping[str, Sequence[str]], *, whole_words: bool = False
) -> str:
    """Each word or what begins with it, as a stem and as it stands, or one of the ids that it names; words that mean
    nothing by themselves (“the”) are left out. ``whole_words``: what begins with it only of the last, which may be half
    typed. The empty text when nothing is left."""
    values: list[str] = []
    for place, word in enumerate(words, start=1):
        asked = f"'{word}'" if whole_words and place < len(words) else f"'{word}':*"
        values += [asked, asked, " | ".join(f"'{each}'" for each in named.get(word, ()))]
    rows = ", ".join(["(to_tsquery(%s, %s), to_tsquery('simple', %s), %s::tsquery)"] * len(words))
    flat = [value for i in range(0, len(values), 3) for value in (LANGUAGE, *values[i : i + 3])]
    cursor.execute(
        f"SELECT stem::text, plain::text, ids::text FROM (VALUES {rows}) AS word (stem, plain, ids)",  # noqa: S608
        flat,
    )
    parts = []
    for stem, plain, ids in cursor.fetchall():
        if stem or ids:
            parts.append(" | ".join(f"({each})" for each in (stem, plain, ids) if each))
    return " & ".join([scope, *(f"({part})" for part in parts)]) if parts else ""


def _alike(words: Sequence[str], visible: TicketQuerySet) -> list[int]:
    """Of the latest tickets those whose subject has something alike for each of the longer words, the most alike
    first."""
    long_enough = [word for word in words if len(word) >= SHORTEST_MISSPELT]
    if not long_enough:
        return []
    latest = list(visible.order_by("-pk").values_list("pk", flat=True)[:LATEST])
    likeness = [TrigramWordSimilarity(word, "subject") for word in long_enough]
    least = Least(*likeness, output_field=FloatField()) if len(likeness) > 1 else likeness[0]
    rows = Ticket.objects.filter(pk__in=latest).annotate(likeness=least).filter(likeness__gte=ALIKE)
    return list(rows.order_by("-likeness", "-pk").values_list("pk", flat=True)[: MOST_SHOWN + 1])


def _drawn(shown: Sequence[int], words: Sequence[str], who: Membership) -> Iterator[Found]:
    """The tickets in this order, with what was found in them. Four queries."""
    query = any_of(words)
    rows = Ticket.objects.for_rows().annotate(marked=SearchHeadline("subject", query, highlight_all=True, **MARKS))
    tickets: dict[int, Any] = {ticket.pk: ticket for ticket in rows.filter(pk__in=shown)}
    first = (
        Message.objects.visible_to(who)
        .annotate(words=SearchVector("body", config=LANGUAGE))
        .filter(ticket__in=shown, words=query)
        .order_by("ticket_id", "pk")
        .distinct("ticket_id")
    )
    cut = SearchHeadline("body", query, max_words=32, min_words=14, max_fragments=2, fragment_delimiter=" … ", **MARKS)
    said = Message.objects.filter(pk__in=list(first.values_list("pk", flat=True))).annotate(excerpt=cut)
    excerpts = {pk: as_markup(excerpt) for pk, excerpt in said.values_list("ticket_id", "excerpt")}
    files = _files([pk for pk in shown if pk not in excerpts], words, who)
    for pk in shown:
        ticket = tickets[pk]
        file = files.get(pk)
        place = excerpts.get(pk) or file or Markup("")
        yield Found(ticket, as_markup(ticket.marked), place, in_file=pk not in excerpts and file is not None)


def _files(ticket_ids: Sequence[int], words: Sequence[str], who: Membership) -> dict[int, Markup]:
    """Of each ticket the name of the first file that has one of the words, marked."""
    names: dict[int, Markup] = {}
    rows = Attachment.objects.visible_to(who).filter(ticket__in=ticket_ids).order_by("pk")
    for ticket_id, name in rows.values_list("ticket_id", "name"):
        marked = _marked(name, words)
        if marked is not None:
            names.setdefault(ticket_id, marked)
    return names


def _marked(name: str, words: Sequence[str]) -> Markup | None:
    for word in words:
        start = name.lower().find(word)
        if start >= 0:
            end = start + len(word)
            return (
                escape(name[:start])
                + Markup("<mark>")
                + escape(name[start:end])
                + Markup("</mark>")
                + escape(name[end:])
            )
    return None
