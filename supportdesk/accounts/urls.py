from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, path

from supportdesk.accounts.views import home, invitations, organization, people, person, promises, tokens

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
        yield path(f"{place}people/<int:pk>/", person.person, name=f"{prefix}organization-person")
        yield path(f"{place}people/<int:pk>/removal/", person.remove, name=f"{prefix}organization-remove")
        yield path(f"{place}people/<int:pk>/return/", person.restore, name=f"{prefix}organization-restore")


vendor_urlpatterns = [
    path("", home.vendor_home, name="vendor-home"),
    path("theme.css", home.theme_css, name="theme-css"),
    path("tokens/", tokens.api_tokens, name="api-tokens-page"),
    path("tokens/<int:pk>/revocation/", tokens.revoke_token, name="revoke-token"),
    path("people/", people.people, name="people"),
    path("people/invitations/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/withdrawal/", people.withdraw_invitation, name="withdraw-invitation"),
    path("desk/organizations/", organization.organizations, name="desk-organizations"),
    *_of_organization(),
]
