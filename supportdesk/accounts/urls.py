from __future__ import annotations

from django.urls import path

from supportdesk.accounts import views

platform_urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/profile/", views.profile, name="profile"),
    path("accounts/invitation/<str:secret>/", views.accept_invitation, name="accept-invitation"),
    path("demo/sign-in/", views.demo_sign_in, name="demo-sign-in"),
]

vendor_urlpatterns = [
    path("", views.vendor_home, name="vendor-home"),
    path("theme.css", views.theme_css, name="theme-css"),
    path("tokens/", views.api_tokens, name="api-tokens-page"),
    path("tokens/<int:pk>/revocation/", views.revoke_token, name="revoke-token"),
    path("people/", views.people, name="people"),
    path("people/invitations/", views.invite, name="invite"),
    path("people/invitations/<int:pk>/withdrawal/", views.withdraw_invitation, name="withdraw-invitation"),
]
