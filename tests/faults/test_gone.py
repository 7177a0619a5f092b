"""What a page's ladder names is gone by the time it gets there: the person, the service, the rota, the policy itself.
It is passed over, nobody who is not there is waited for, and somebody is reached."""

from __future__ import annotations

from datetime import time

import pytest

from escalation import actions as paging
from escalation.models import Page, Rota, Unit
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Integration, IntegrationKind
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk
from tests.escalation.nights import filed, history
from tests.escalation.rows import FIRST_DAY
from tests.faults.figures import Figures
from tests.faults.messages import unsettled
from tests.faults.paging import CAROL, DAN, ERIN, incidents, landings, load_policies, rung
from tests.faults.sink import Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]


def page_for_something_urgent(desk: Desk) -> Page:
    with vendor_scope(desk.vendor):
        return Page.objects.get(ticket=filed(desk, "Urgent", database_now()))


def acknowledged(desk: Desk, page: Page, by: Membership) -> None:
    with vendor_scope(desk.vendor):
        paging.acknowledge(page, by=by, at=database_now())


def test_who_was_woken_leaves_the_desk_and_the_service_is_deleted(
    drud: Desk, services: Sink, workers: Workers, figures: Figures
) -> None:
    """Between the first step and the second: Carol is now whoever is on call, there is nobody behind her, so that the
    leads are told without a wait; Dan, who was one of them, is not."""
    workers.start("only")
    page = page_for_something_urgent(drud)
    eventually(lambda: rung(services, "Messages") == [DAN], workers.log)
    eventually(lambda: not unsettled(drud.vendor, is_urgent=True), workers.log)
    with vendor_scope(drud.vendor):
        Membership.objects.filter(pk=drud.dan.pk).update(is_active=False)
        Integration.objects.get(kind=IntegrationKind.VICTOROPS).delete()
    eventually(lambda: rung(services, "Calls") == [CAROL], workers.log)
    eventually(lambda: ERIN in rung(services, "Calls"), workers.log)
    acknowledged(drud, page, drud.erin)
    eventually(lambda: not unsettled(drud.vendor, is_urgent=True), workers.log)
    assert (rung(services, "Messages"), rung(services, "Calls")) == ([DAN, ERIN], [CAROL, ERIN])
    assert [kind for kind, _ in incidents(services)] == ["CRITICAL"]
    figures.check(fire=10, send=20, oldest=10)


def test_a_policy_that_is_deleted_is_climbed_to_its_end(
    drud: Desk, services: Sink, workers: Workers, figures: Figures
) -> None:
    """A page stands on the contract under which it was opened."""
    workers.start("only")
    page = page_for_something_urgent(drud)
    eventually(lambda: rung(services, "Messages") == [DAN], workers.log)
    with vendor_scope(drud.vendor):
        load_policies([])
    eventually(lambda: rung(services, "Calls") == [DAN, CAROL], workers.log)
    assert landings(drud, page) == 3
    acknowledged(drud, page, drud.carol)
    with vendor_scope(drud.vendor):
        another = filed(drud, "Urgent", database_now())
        assert not Page.objects.filter(ticket=another).exists()
    eventually(lambda: not unsettled(drud.vendor, is_urgent=True), workers.log)
    figures.check(fire=10, send=20, oldest=10)


@pytest.mark.parametrize("rota_is", ["archived", "without people"])
def test_a_rota_with_nobody_on_it_is_not_waited_for(
    rota_is: str, drud: Desk, services: Sink, workers: Workers, figures: Figures
) -> None:
    """The leads are told after the wait that VictorOps has, and not after the two that follow it."""
    with vendor_scope(drud.vendor):
        rota, at = Rota.objects.get(), database_now()
        if rota_is == "archived":
            paging.archive_rota(rota, by=drud.dan, at=at)
        else:
            nobody = paging.LayerTerms(
                name="1", people=(), starts_on=FIRST_DAY, hands_over_at=time(9), length=1, unit=Unit.DAYS, zone="UTC"
            )
            paging.change_layers(rota, [nobody], effective_at=at, by=drud.dan, at=at)
    workers.start("only")
    page = page_for_something_urgent(drud)
    with figures.recovery(within=20):  # the waits are 4, 4 and 60 seconds
        eventually(lambda: {DAN, ERIN} <= set(rung(services, "Calls")), workers.log)
    acknowledged(drud, page, drud.erin)
    eventually(lambda: not unsettled(drud.vendor, is_urgent=True), workers.log)
    assert sorted(rung(services, "Calls")) == [DAN, ERIN]
    with vendor_scope(drud.vendor):
        assert {each[1] for event in history(page) for each in event.data.get("people", ())} == {"Dan", "Erin"}
    figures.check(fire=10, send=20, oldest=10)
