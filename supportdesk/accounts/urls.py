from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path

from supportdesk.accounts.views import (
    customers,
    home,
    hours,
    invitations,
    organization,
    people,
    person,
    projects,
    promises,
    settings,
    tokens,
)

platform_urlpatterns = [
    path("", home.home, name="home"),
    path("accounts/profile/", home.profile, name="profile"),
    path("accounts/invitation/<str:secret>/", invitations.accept_invitation, name="accept-invitation"),
    path("demo/sign-in/", home.demo_sign_in, name="demo-sign-in"),
]


def _of_organization() -> Iterator[URLPattern]:
    """The pages of an organization: one's own in the portal, any on the desk."""
    for place, prefix in (("organization/", ""), ("desk/organizations/<slug:slug>/", "desk-")):
        yield path(place, organization.people, name=f"{prefix}organization")
        yield path(f"{place}invitations/", organization.invite, name=f"{prefix}organization-invite")
        yield path(
            f"{place}invitations/<int:pk>/withdrawal/", organization.withdraw, name=f"{prefix}organization-withdraw"
        )
        yield path(f"{place}sharing/", organization.sharing, name=f"{prefix}organization-sharing")
        yield path(f"{place}promises/", promises.promises, name=f"{prefix}organization-promises")
        yield path(f"{place}hours/", hours.hours, name=f"{prefix}organization-hours")
        yield path(f"{place}people/<int:pk>/", person.person, name=f"{prefix}organization-person")
        yield path(f"{place}people/<int:pk>/removal/", person.remove, name=f"{prefix}organization-remove")
        yield path(f"{place}people/<int:pk>/return/", person.restore, name=f"{prefix}organization-restore")


def _on_desk() -> Iterator[URLPattern]:
    """What staff alone see of an organization."""
    place = "desk/organizations/<slug:slug>/"
    one = f"{place}projects/<int:pk>/"
    yield path(f"{place}name/", customers.rename, name="desk-organization-name")
    yield path(f"{place}success-engineer/", customers.success_engineer, name="desk-organization-engineer")
    yield path(f"{place}projects/", projects.projects, name="desk-organization-projects")
    yield path(one, projects.project, name="desk-organization-project")
    yield path(f"{one}activity/", projects.set_active, name="desk-organization-project-active")
    yield path(f"{one}subscriptions/", projects.buy, name="desk-organization-buy")
    yield path(f"{one}subscriptions/<int:subscription>/", projects.end, name="desk-organization-subscription")
    yield path(f"{one}subscriptions/<int:subscription>/hours/", projects.order, name="desk-organization-ordered")
    yield path(f"{place}people/<int:pk>/tickets/", person.inform, name="desk-organization-inform")


vendor_urlpatterns = [
    path("", home.vendor_home, name="vendor-home"),
    path("theme.css", home.theme_css, name="theme-css"),
    path("tokens/", tokens.api_tokens, name="api-tokens-page"),
    path("tokens/<int:pk>/revocation/", tokens.revoke_token, name="revoke-token"),
    path("desk/settings/", settings.settings, name="desk-settings"),
    path("people/", people.people, name="people"),
    path("people/invitations/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/withdrawal/", people.withdraw_invitation, name="withdraw-invitation"),
    path("desk/organizations/", customers.organizations, name="desk-organizations"),
    path("desk/organizations/new/", customers.new, name="desk-organization-new"),
    *_on_desk(),
    *_of_organization(),
]
