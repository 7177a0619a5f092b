"""The walls between vendors, walked model by model and address by address."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import UUIDConverter
from django.utils import timezone

from supportdesk.accounts import tokens
from supportdesk.accounts.models import Membership, Organization
from supportdesk.accounts.models.api_token import TokenScope
from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from supportdesk.tenancy.scope import NoScope, all_vendors, current_vendor_id, vendor_scope
from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.models import Ticket

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, VendorModel)]
OUR_APPS = {
    "tenancy",
    "accounts",
    "timers",
    "notifications",
    "knowledge",
    "plans",
    "tickets",
    "sla",
    "escalation",
    "onboarding",
}
GLOBAL_MODELS = {
    "accounts.Vendor": "the tenant itself: its name and accent are shown before anybody signs in",
    "accounts.User": "one person may have a place at several vendors; the place is the tenant row",
    "timers.Heartbeat": "a worker's pump serves every vendor",
}


@pytest.fixture
def ticket(oro: Desk) -> Ticket:
    with vendor_scope(oro.vendor):
        return actions.open_ticket(
            by=oro.alice,
            at=MONDAY,
            project=oro.project,
            priority=oro.priority("P1"),
            subject="Down",
            body="It is down.",
        )


def test_every_model_of_ours_is_walled_off_or_named_here() -> None:
    outside = {model._meta.label for model in apps.get_models() if model._meta.app_label in OUR_APPS} - {
        model._meta.label for model in TENANT_MODELS
    }
    automatic = {label for label in outside if label.startswith("accounts.User_")}
    assert outside - automatic - {"notifications.KeptMail"} == set(GLOBAL_MODELS)


@pytest.mark.django_db
@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
class TestEveryTenantModel:
    def test_raises_without_a_scope(self, model: type[VendorModel]) -> None:
        with pytest.raises(NoScope):
            model.objects.count()

    def test_forces_row_level_security(self, model: type[VendorModel]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
                [model._meta.db_table],
            )
            assert cursor.fetchone() == (True, True)
            cursor.execute("SELECT count(*) FROM pg_policies WHERE tablename = %s", [model._meta.db_table])
            assert cursor.fetchone() == (1,)

    def test_has_a_vendor_that_cannot_be_missing(self, model: type[VendorModel]) -> None:
        assert not model._meta.get_field("vendor").null

    def test_points_only_within_its_vendor(self, model: type[VendorModel]) -> None:
        for field in model._meta.local_fields:
            related = field.related_model
            if isinstance(related, type) and issubclass(related, VendorModel):
                assert isinstance(field, VendorForeignKey), f"{field} must be a VendorForeignKey"
                assert _has_composite_key(model, field.column), f"{field} has no composite constraint"


def _has_composite_key(model: type[VendorModel], column: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
            [model._meta.db_table],
        )
        return any(f"(vendor_id, {column})" in row[0] for row in cursor.fetchall())


@pytest.mark.django_db
class TestTheApplicationRole:
    def test_is_neither_superuser_nor_exempt(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert cursor.fetchone() == (False, False)

    def test_sees_no_tenant_row_without_a_scope(self, ticket: Ticket) -> None:
        assert _raw_counts() == dict.fromkeys(_tables(), 0)

    def test_sees_only_the_rows_of_its_scope(self, ticket: Ticket, mallory: Membership) -> None:
        with vendor_scope(mallory.vendor_id):
            counts = _raw_counts()
        assert counts["tickets_ticket"] == 0
        assert counts["accounts_membership"] == 1

    def test_cannot_write_another_vendors_row(self, oro: Desk, mallory: Membership) -> None:
        with (
            vendor_scope(mallory.vendor_id),
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            Organization.objects.create(vendor=oro.vendor, name="Trojan", slug="trojan")

    def test_cannot_point_across_vendors(self, ticket: Ticket, mallory: Membership) -> None:
        with vendor_scope(ticket.vendor_id), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(IntegrityError, match="same_vendor"), transaction.atomic():
                Ticket.objects.filter(pk=ticket.pk).update(assignee_id=mallory.pk)

    def test_cannot_change_the_timeline_or_the_audit_log(self, ticket: Ticket) -> None:
        from django.db.utils import Error

        with vendor_scope(ticket.vendor_id), pytest.raises(Error, match="append-only"), transaction.atomic():
            ticket.events.update(kind="replied")


def _tables() -> list[str]:
    return [model._meta.db_table for model in TENANT_MODELS]


def _raw_counts() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


@pytest.mark.django_db
class TestScopes:
    def test_nest_and_return(self, oro: Desk, mallory: Membership) -> None:
        with vendor_scope(oro.vendor):
            with vendor_scope(mallory.vendor_id):
                assert _raw_counts()["accounts_membership"] == 1
            assert _raw_counts()["accounts_membership"] == 6
            assert current_vendor_id() == oro.vendor.pk
        assert _raw_counts()["accounts_membership"] == 0

    def test_return_after_an_error_inside(self, oro: Desk, mallory: Membership) -> None:
        with vendor_scope(oro.vendor):
            with pytest.raises(ZeroDivisionError), vendor_scope(mallory.vendor_id):
                raise ZeroDivisionError
            assert _raw_counts()["accounts_membership"] == 6

    def test_all_vendors_wants_a_reason(self) -> None:
        with pytest.raises(ValueError, match="reason"), all_vendors(" "):
            pass


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        else:
            yield route, entry


VENDOR_VIEWS = [(route, entry) for route, entry in _patterns(get_resolver()) if route.startswith("<slug:vendor>")]
CLOSED_VIEWS = [(route, entry) for route, entry in VENDOR_VIEWS if entry.callback.access != "public"]  # type: ignore[attr-defined]


def _path(entry: URLPattern) -> str:
    """An address of OroCloud's: what stands for one thing is the first one, by number, slug or token."""
    assert entry.name is not None
    converters = {name: converter for name, converter in entry.pattern.converters.items() if name != "vendor"}
    arguments = {name: UUID(int=1) if isinstance(each, UUIDConverter) else 1 for name, each in converters.items()}
    return reverse(entry.name, kwargs={"vendor": "orocloud", **arguments})


def test_every_vendor_view_states_who_may_open_it() -> None:
    assert [route for route, entry in VENDOR_VIEWS if not hasattr(entry.callback, "access")] == []


@pytest.mark.django_db
class TestEveryAddressOfAVendor:
    def test_is_not_there_for_strangers(self, client: Client, ticket: Ticket, mallory: Membership) -> None:
        client.force_login(mallory.user)
        for route, entry in CLOSED_VIEWS:
            answers = {client.get(_path(entry)).status_code, client.post(_path(entry)).status_code}
            assert answers <= {404, 405}, route
            assert 404 in answers, route

    def test_asks_the_anonymous_to_sign_in(self, client: Client, ticket: Ticket) -> None:
        for route, entry in CLOSED_VIEWS:
            response = client.get(_path(entry))
            if entry.callback.access == "api":  # type: ignore[attr-defined]
                assert response.status_code in (401, 405), route
            else:
                assert response.status_code == 302, route
                assert response.headers["Location"].startswith("/accounts/login/?next="), route

    def test_is_not_there_with_another_vendors_token(self, client: Client, ticket: Ticket, mallory: Membership) -> None:
        with vendor_scope(mallory.vendor_id):
            _token, secret = tokens.create(name="x", scopes=list(TokenScope), days=1, by=mallory, at=timezone.now())
        for name, arguments in (("api-tickets", {}), ("api-ticket", {"number": ticket.number})):
            path = reverse(name, kwargs={"vendor": "orocloud", **arguments})
            assert client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 401


@pytest.mark.django_db
class TestWithinAVendor:
    @pytest.fixture
    def shared(self, oro: Desk) -> Ticket:
        with vendor_scope(oro.vendor):
            return actions.open_ticket(
                by=oro.alice,
                at=MONDAY,
                project=oro.project,
                priority=oro.priority("P2"),
                subject="Shared",
                body="For all of us.",
                is_shared=True,
            )

    def test_customers_see_their_own_and_what_is_shared(self, oro: Desk, ticket: Ticket, shared: Ticket) -> None:
        with vendor_scope(oro.vendor):
            assert set(Ticket.objects.visible_to(oro.alice)) == {ticket, shared}
            assert set(Ticket.objects.visible_to(oro.bob)) == {shared}
            assert set(Ticket.objects.visible_to(oro.grace)) == {ticket, shared}
            assert set(Ticket.objects.visible_to(oro.carol)) == {ticket, shared}

    def test_a_colleague_gets_404_for_a_private_ticket(self, oro: Desk, ticket: Ticket, client: Client) -> None:
        client.force_login(oro.bob.user)
        assert client.get(f"/orocloud/tickets/{ticket.number}/").status_code == 404

    def test_customers_cannot_open_the_desk(self, oro: Desk, ticket: Ticket, client: Client) -> None:
        client.force_login(oro.alice.user)
        assert client.get("/orocloud/desk/").status_code == 403
        assert client.get(f"/orocloud/desk/tickets/{ticket.number}/").status_code == 403
